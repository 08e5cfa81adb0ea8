package birkhoff.engine.kernel.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import birkhoff.engine.kernel.UnaryOp;
import jdk.incubator.vector.FloatVector;

/**
 * The vector forms of all {@link UnaryOp}s. The build puts these methods into the loops that call
 * them; where {@code op} is a static final field of the loop's class, every compiler keeps one
 * branch and drops the others, whatever it knows of earlier runs. (A switch over an enum would read
 * an array, whose elements are no constants.)
 */
public final class UnaryFunctions {
  private UnaryFunctions() {}

  /** f(x). */
  public static FloatVector f(UnaryOp op, FloatVector x) {
    if (op == UnaryOp.NEG) {
      return x.neg();
    }
    if (op == UnaryOp.ABS) {
      return x.abs();
    }
    if (op == UnaryOp.SQUARE) {
      return x.mul(x);
    }
    if (op == UnaryOp.SQRT) {
      return x.sqrt();
    }
    if (op == UnaryOp.RECIPROCAL) {
      return x.broadcast(1f).div(x);
    }
    if (op == UnaryOp.EXP) {
      return FastMath.exp(x);
    }
    if (op == UnaryOp.LOG) {
      return FastMath.log(x);
    }
    if (op == UnaryOp.TANH) {
      return FastMath.tanh(x);
    }
    if (op == UnaryOp.SIGMOID) {
      return FastMath.sigmoid(x);
    }
    if (op == UnaryOp.RELU) {
      return x.max(0f);
    }
    if (op == UnaryOp.ERF) {
      return FastMath.erf(x);
    }
    if (op == UnaryOp.GELU_ERF) {
      return FastMath.geluErf(x);
    }
    if (op == UnaryOp.GELU_TANH) {
      return FastMath.geluTanh(x);
    }
    throw new MatchException(op.name(), null);
  }

  /** f'(x), given x or f(x) as {@link UnaryOp#needs} says. */
  public static FloatVector df(UnaryOp op, FloatVector v) {
    if (op == UnaryOp.NEG) {
      return v.broadcast(-1f);
    }
    if (op == UnaryOp.ABS) {
      return v.broadcast(0f).blend(1f, v.compare(GT, 0f)).blend(-1f, v.compare(LT, 0f));
    }
    if (op == UnaryOp.SQUARE) {
      return v.add(v);
    }
    if (op == UnaryOp.SQRT) {
      return v.broadcast(0.5f).div(v);
    }
    if (op == UnaryOp.RECIPROCAL) {
      return v.mul(v).neg();
    }
    if (op == UnaryOp.EXP) {
      return v;
    }
    if (op == UnaryOp.LOG) {
      return v.broadcast(1f).div(v);
    }
    if (op == UnaryOp.TANH) {
      return v.neg().fma(v, v.broadcast(1f));
    }
    if (op == UnaryOp.SIGMOID) {
      return v.neg().fma(v, v);
    }
    if (op == UnaryOp.RELU) {
      return v.broadcast(0f).blend(1f, v.compare(GT, 0f));
    }
    if (op == UnaryOp.ERF) {
      return FastMath.erfDerivative(v);
    }
    if (op == UnaryOp.GELU_ERF) {
      return FastMath.geluErfDerivative(v);
    }
    if (op == UnaryOp.GELU_TANH) {
      return FastMath.geluTanhDerivative(v);
    }
    throw new MatchException(op.name(), null);
  }
}
