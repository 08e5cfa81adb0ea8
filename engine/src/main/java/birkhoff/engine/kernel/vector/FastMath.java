package birkhoff.engine.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Elementary functions of float vectors from add, multiply, fused multiply-add and divide only: the
 * same bits in the interpreter and compiled, on every platform and for every width. Coefficients
 * are minimax fits made for these ranges. Largest errors, in units in the last place of the exact
 * result: exp 1.1, log 1, sigmoid 2.5, tanh 2.6, erf 2.3. NaN gives NaN and infinities give the
 * limits.
 *
 * <p>The build inlines these methods where they are called, as {@code InlineVectorMethods}
 * explains.
 */
public final class FastMath {
  private static final float LOG2_E = 1.4426950408889634f;
  private static final float LN2_HI = 0.6931471805599453f;
  private static final float LN2_LO = (float) (0.6931471805599453 - LN2_HI);

  /** Adding 1.5·2^23 leaves the nearest integer in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  /** The logarithm of the smallest normal float. */
  private static final float SMALLEST_NORMAL_EXP = -87.33654f;

  private static final int EXPONENT_SHIFT = 23;
  private static final int ONE_BITS = 0x3f80_0000;
  private static final int SQRT_HALF_BITS = 0x3f35_04f3;

  private static final float INV_SQRT_2PI = 0.39894228f;
  private static final float GELU_LINEAR = 1.5957691216057308f; // 2·√(2/π)
  private static final float GELU_CUBIC = GELU_LINEAR * 0.044715f;

  /** GELU and its derivative are at their limits outside of ±40; clamping keeps ∞·0 away. */
  private static final float GELU_FAR = 40f;

  private FastMath() {}

  // ---- exp

  /** e^x, with gradual underflow. */
  public static FloatVector exp(FloatVector x) {
    FloatVector t = x.fma(LOG2_E, ROUND);
    FloatVector mantissa = expReduced(x, t.sub(ROUND)).add(1f);
    // 2^n in two factors, as n may be 128 or -150: the second multiplication rounds and overflows.
    IntVector n = t.reinterpretAsInts();
    IntVector half = n.lanewise(LSHR, 1);
    FloatVector first =
        mantissa.reinterpretAsInts().add(half.lanewise(LSHL, EXPONENT_SHIFT)).reinterpretAsFloats();
    FloatVector second =
        n.sub(half).lanewise(LSHL, EXPONENT_SHIFT).add(ONE_BITS).reinterpretAsFloats();
    return first
        .mul(second)
        .blend(0f, x.compare(LT, -104f))
        .blend(Float.POSITIVE_INFINITY, x.compare(GT, 89f));
  }

  /** e^x for {@code x ≤ 0}; results below the smallest normal float are 0. */
  public static FloatVector expNonPositive(FloatVector x) {
    FloatVector t = x.fma(LOG2_E, ROUND);
    FloatVector mantissa = expReduced(x, t.sub(ROUND)).add(1f);
    IntVector n = t.reinterpretAsInts().lanewise(LSHL, EXPONENT_SHIFT);
    return mantissa
        .reinterpretAsInts()
        .add(n)
        .reinterpretAsFloats()
        .blend(0f, x.compare(LT, SMALLEST_NORMAL_EXP));
  }

  /** The same bits for one number, for the ends of loops. */
  public static float expNonPositive(float x) {
    float t = Math.fma(x, LOG2_E, ROUND);
    float n = t - ROUND;
    float r = Math.fma(n, -LN2_LO, Math.fma(n, -LN2_HI, x));
    float p = Math.fma(r, 0.0013882497f, 0.008366647f);
    p = Math.fma(p, r, 0.041667204f);
    p = Math.fma(p, r, 0.16666542f);
    p = Math.fma(p, r, 0.49999997f);
    int mantissa = Float.floatToRawIntBits(Math.fma(r * r, p, r) + 1f);
    int n23 = Float.floatToRawIntBits(t) << EXPONENT_SHIFT;
    return x < SMALLEST_NORMAL_EXP ? 0f : Float.intBitsToFloat(mantissa + n23);
  }

  /** e^r - 1 for {@code r = x - n·ln 2}, |r| ≤ ln(2)/2. */
  private static FloatVector expReduced(FloatVector x, FloatVector n) {
    FloatVector r = n.lanewise(FMA, -LN2_LO, n.lanewise(FMA, -LN2_HI, x));
    FloatVector p = r.fma(0.0013882497f, 0.008366647f);
    p = p.lanewise(FMA, r, 0.041667204f);
    p = p.lanewise(FMA, r, 0.16666542f);
    p = p.lanewise(FMA, r, 0.49999997f);
    return r.mul(r).fma(p, r);
  }

  // ---- log

  /** Natural logarithm; -∞ of ±0, NaN below. */
  public static FloatVector log(FloatVector x) {
    VectorMask<Float> tiny = x.compare(LT, Float.MIN_NORMAL);
    IntVector bits = x.blend(x.mul(0x1p23f), tiny).reinterpretAsInts();
    IntVector k = bits.sub(SQRT_HALF_BITS).lanewise(ASHR, EXPONENT_SHIFT);
    FloatVector f = bits.sub(k.lanewise(LSHL, EXPONENT_SHIFT)).reinterpretAsFloats().sub(1f);
    FloatVector n = (FloatVector) k.convert(I2F, 0);
    n = n.blend(n.sub(23f), tiny);
    FloatVector f2 = f.mul(f);
    FloatVector y = n.fma(n.broadcast(LN2_LO), f.mul(f2).mul(logPolynomial(f)));
    y = f.add(f2.lanewise(FMA, -0.5f, y));
    y = n.lanewise(FMA, LN2_HI, y);
    return logLimits(x, y);
  }

  /** (log(1+f) - f + f²/2) / f³ for {@code 1+f} in [√½, √2]. */
  private static FloatVector logPolynomial(FloatVector f) {
    FloatVector p = f.fma(-0.07634452f, 0.12763506f);
    p = p.lanewise(FMA, f, -0.1316109f);
    p = p.lanewise(FMA, f, 0.14201562f);
    p = p.lanewise(FMA, f, -0.16623251f);
    p = p.lanewise(FMA, f, 0.20001231f);
    p = p.lanewise(FMA, f, -0.25000823f);
    return p.lanewise(FMA, f, 0.3333333f);
  }

  private static FloatVector logLimits(FloatVector x, FloatVector y) {
    return y.blend(x, x.compare(LT, Float.POSITIVE_INFINITY).not())
        .blend(Float.NaN, x.compare(LT, 0f))
        .blend(Float.NEGATIVE_INFINITY, x.eq(0f));
  }

  // ---- sigmoid and tanh

  /** 1/(1 + e^-x); 0 below -87.3. */
  public static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expNonPositive(x.abs().neg());
    return e.blend(1f, x.lt(0f).not()).div(e.add(1f));
  }

  /** Hyperbolic tangent as {@code m/(m+2)} with {@code m = e^2|x| - 1}: exact near 0. */
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector y = a.add(a);
    FloatVector t = y.fma(LOG2_E, ROUND);
    FloatVector q = expReduced(y, t.sub(ROUND));
    FloatVector scale =
        t.reinterpretAsInts().lanewise(LSHL, EXPONENT_SHIFT).add(ONE_BITS).reinterpretAsFloats();
    FloatVector m = scale.fma(q, scale.sub(1f));
    FloatVector r = m.div(m.add(2f)).blend(1f, a.compare(GT, 9.02f));
    return withSign(r, x);
  }

  /** The non-negative {@code magnitude} with the sign of {@code x}. */
  private static FloatVector withSign(FloatVector magnitude, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return magnitude.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  // ---- erf

  private static final float ERF_SPLIT = 1.05f;
  private static final float TWO_OVER_SQRT_PI = 1.1283791670955126f;

  /** Error function. */
  public static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector large = erfcLarge(a).neg().add(1f);
    return withSign(erfSmall(a).blend(large, a.compare(GT, ERF_SPLIT)), x);
  }

  /** 2/√π·e^(-x²). */
  public static FloatVector erfDerivative(FloatVector x) {
    return expNonPositive(x.mul(x).neg()).mul(TWO_OVER_SQRT_PI);
  }

  /** erf(z) for |z| ≤ 1.05. */
  private static FloatVector erfSmall(FloatVector z) {
    FloatVector s = z.mul(z);
    FloatVector p = s.fma(7.517495e-05f, -0.0007911846f);
    p = p.lanewise(FMA, s, 0.0051776f);
    p = p.lanewise(FMA, s, -0.02684845f);
    p = p.lanewise(FMA, s, 0.11283465f);
    p = p.lanewise(FMA, s, -0.37612617f);
    p = p.lanewise(FMA, s, 0.12837917f);
    return p.fma(z, z);
  }

  /** erfc(a) for a ≥ 1.05 as 1/p(a)^8, the form of Abramowitz and Stegun 7.1.28. */
  private static FloatVector erfcLarge(FloatVector a) {
    FloatVector p = a.fma(0.00057916954f, -0.0044335346f);
    p = p.lanewise(FMA, a, 0.019954795f);
    p = p.lanewise(FMA, a, -0.03917207f);
    p = p.lanewise(FMA, a, 0.08381814f);
    p = p.lanewise(FMA, a, 0.03965915f);
    p = p.lanewise(FMA, a, 0.16436905f);
    p = p.lanewise(FMA, a, 0.99533725f);
    p = p.mul(p);
    p = p.mul(p);
    p = p.mul(p);
    return p.broadcast(1f).div(p);
  }

  // ---- GELU

  /**
   * Φ(x) to 4·2^-24 absolutely, given {@code e = exp(-x²/2)}: the tail is e·t·p(t) with t = 1/(1 +
   * |x|/4), the form of Abramowitz and Stegun 26.2.17.
   */
  private static FloatVector normalCdf(FloatVector x, FloatVector e) {
    FloatVector t = x.broadcast(1f).div(x.abs().fma(0.25f, 1f));
    FloatVector p = t.fma(-0.09027102f, 0.33599222f);
    p = p.lanewise(FMA, t, -0.25737748f);
    p = p.lanewise(FMA, t, 0.2726826f);
    p = p.lanewise(FMA, t, 0.028825905f);
    p = p.lanewise(FMA, t, 0.111245565f);
    p = p.lanewise(FMA, t, 0.098902196f);
    FloatVector tail = e.mul(t).mul(p);
    return tail.blend(tail.neg().add(1f), x.compare(GT, 0f));
  }

  /** e^(-x²/2). */
  private static FloatVector bell(FloatVector x) {
    return expNonPositive(x.mul(x).mul(-0.5f));
  }

  /** x·Φ(x). */
  public static FloatVector geluErf(FloatVector x) {
    FloatVector c = notBelowFar(x);
    return normalCdf(c, bell(c)).mul(c);
  }

  /** Φ(x) + x·φ(x). */
  public static FloatVector geluErfDerivative(FloatVector x) {
    FloatVector c = notAboveFar(notBelowFar(x));
    FloatVector e = bell(c);
    return c.mul(INV_SQRT_2PI).fma(e, normalCdf(c, e));
  }

  /** x/(1 + e^-2u) with u = √(2/π)·(x + 0.044715·x³), which is x/2·(1 + tanh u). */
  public static FloatVector geluTanh(FloatVector x) {
    FloatVector c = notBelowFar(x);
    return sigmoid(c.mul(c.mul(c).fma(GELU_CUBIC, GELU_LINEAR))).mul(c);
  }

  /** s + x·s(1-s)·(2u)' with s = 1/(1 + e^-2u). */
  public static FloatVector geluTanhDerivative(FloatVector x) {
    FloatVector c = notAboveFar(notBelowFar(x));
    FloatVector s = c.mul(c);
    FloatVector u2 = c.mul(s.fma(GELU_CUBIC, GELU_LINEAR));
    FloatVector e = expNonPositive(u2.abs().neg());
    FloatVector p = e.broadcast(1f).div(e.add(1f));
    FloatVector ep = e.mul(p);
    FloatVector slope = ep.mul(p).mul(c);
    FloatVector sigmoid = ep.blend(p, c.compare(GT, 0f));
    return slope.fma(s.fma(3 * GELU_CUBIC, GELU_LINEAR), sigmoid);
  }

  private static FloatVector notBelowFar(FloatVector x) {
    return x.blend(-GELU_FAR, x.compare(LT, -GELU_FAR));
  }

  private static FloatVector notAboveFar(FloatVector x) {
    return x.blend(GELU_FAR, x.compare(GT, GELU_FAR));
  }
}
