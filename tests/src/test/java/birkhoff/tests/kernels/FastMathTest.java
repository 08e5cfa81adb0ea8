package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.kernel.vector.FastMath;
import birkhoff.tests.support.Bound;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;

/**
 * Errors of the vector functions against double, in units in the last place of the exact result,
 * over floats of all magnitudes and both signs: every 4099th, or all 2^32 with {@code
 * -Dbirkhoff.exhaustive=true}.
 */
class FastMathTest {
  private static final int STRIDE = Boolean.getBoolean("birkhoff.exhaustive") ? 1 : 4099;
  private static final int INFINITY = Float.floatToIntBits(Float.POSITIVE_INFINITY);
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;

  /** How far the function may be off, beside ulps: what it flushes or adds absolutely. */
  private interface Slack {
    double at(float x);
  }

  private static void check(
      String name,
      UnaryOperator<FloatVector> f,
      DoubleUnaryOperator exact,
      double ulps,
      Slack slack) {
    float[] x = new float[SPECIES.length()];
    float[] y = new float[SPECIES.length()];
    double worst = 0;
    float where = 0;
    for (int bits = 0; bits <= INFINITY; bits += STRIDE * (x.length / 2)) {
      for (int k = 0; k < x.length; k++) {
        float v = Float.intBitsToFloat(Math.min(INFINITY, bits + k / 2 * STRIDE));
        x[k] = k % 2 == 0 ? v : -v;
      }
      f.apply(FloatVector.fromArray(SPECIES, x, 0)).intoArray(y, 0);
      for (int k = 0; k < x.length; k++) {
        double error = error(exact.applyAsDouble(x[k]), y[k], slack.at(x[k]));
        if (!(error <= worst)) {
          worst = error;
          where = x[k];
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: largest error %.3f ulps, at %s, every %,d floats%n",
        name,
        worst,
        where,
        STRIDE);
    assertThat(worst).as(name + ": largest error in ulps, at " + where).isLessThanOrEqualTo(ulps);
    for (float special : new float[] {Float.NaN, -0f, 0f}) {
      float got = f.apply(FloatVector.broadcast(SPECIES, special)).lane(0);
      assertThat(got)
          .as(name + " of " + special)
          .isEqualTo(Float.valueOf((float) exact.applyAsDouble(special)));
    }
  }

  /** NaN where one side alone is NaN. */
  private static double error(double exact, float got, double slack) {
    if (Double.isNaN(exact) && Float.isNaN(got) || got == (float) exact) {
      double distance = Math.abs(got - exact);
      return Double.isFinite(distance) ? Math.max(0, distance - slack) / Bound.ulp(exact) : 0;
    }
    return Math.max(0, Math.abs(got - exact) - slack) / Bound.ulp(exact);
  }

  private static void check(String name, UnaryOperator<FloatVector> f, UnaryOp op, double ulps) {
    check(name, f, op::f, ulps, x -> 0);
  }

  @Test
  void exp() {
    check("exp", FastMath::exp, UnaryOp.EXP, 1.1);
  }

  @Test
  void expOfNonPositiveNumbersFlushesSubnormals() {
    check(
        "exp ≤ 0",
        v -> FastMath.expNonPositive(v.abs().neg()),
        x -> Math.exp(-Math.abs(x)),
        1.1,
        x -> x == 0 || Math.abs(x) < 87 ? 0 : Float.MIN_NORMAL);
  }

  @Test
  void log() {
    check("log", FastMath::log, UnaryOp.LOG, 1);
  }

  @Test
  void tanh() {
    check("tanh", FastMath::tanh, UnaryOp.TANH, 2.6);
  }

  @Test
  void erf() {
    check("erf", FastMath::erf, UnaryOp.ERF, 2.3);
  }

  /** Every float where no sample of every 4099th finds the largest error. */
  @Test
  void whereErrorsAreLargest() {
    assertThat(worst(FastMath::erf, UnaryOp.ERF::f, 1.05f, 1.2f)).isBetween(2.2, 2.3);
    assertThat(worst(FastMath::tanh, UnaryOp.TANH::f, 0.0615f, 0.0635f)).isBetween(2.5, 2.6);
  }

  private static double worst(
      UnaryOperator<FloatVector> f, DoubleUnaryOperator exact, float from, float to) {
    double worst = 0;
    for (float x = from; x < to; x = Math.nextUp(x)) {
      float got = f.apply(FloatVector.broadcast(SPECIES, x)).lane(0);
      worst = Math.max(worst, error(exact.applyAsDouble(x), got, 0));
    }
    return worst;
  }

  @Test
  void sigmoid() {
    check(
        "sigmoid", FastMath::sigmoid, UnaryOp.SIGMOID::f, 2.5, x -> x < -87 ? Float.MIN_NORMAL : 0);
  }

  /** Beside 2 ulps, the tail's absolute error times x. */
  @Test
  void gelu() {
    Slack tail = x -> 5 * Bound.FLOAT_ROUNDOFF * Math.min(Math.abs(x), 40);
    check("gelu erf", FastMath::geluErf, UnaryOp.GELU_ERF::f, 2, tail);
    check("gelu tanh", FastMath::geluTanh, UnaryOp.GELU_TANH::f, 2, tail);
  }

  @Test
  void geluDerivatives() {
    Slack slack = x -> 8 * Bound.FLOAT_ROUNDOFF;
    check("gelu erf'", FastMath::geluErfDerivative, x -> UnaryOp.GELU_ERF.df(x, 0), 0, slack);
    check("gelu tanh'", FastMath::geluTanhDerivative, x -> UnaryOp.GELU_TANH.df(x, 0), 0, slack);
  }
}
