package birkhoff.engine.kernel.vector;

import birkhoff.engine.kernel.UnaryOp;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The vector forms of a {@link UnaryOp}.
 *
 * @param f the function
 * @param df its derivative, of the input or the output as {@link UnaryOp#needs} says
 */
record UnaryFunctions(Function f, Function df) {
  @FunctionalInterface
  interface Function {
    FloatVector of(FloatVector v);
  }

  private static final float TWO_OVER_SQRT_PI = 1.1283791670955126f;

  static UnaryFunctions of(UnaryOp op) {
    return switch (op) {
      case NEG -> new UnaryFunctions(FloatVector::neg, g -> g.broadcast(-1f));
      case ABS -> new UnaryFunctions(FloatVector::abs, UnaryFunctions::sign);
      case SQUARE -> new UnaryFunctions(x -> x.mul(x), x -> x.add(x));
      case SQRT -> new UnaryFunctions(FloatVector::sqrt, y -> y.broadcast(0.5f).div(y));
      case RECIPROCAL -> new UnaryFunctions(x -> x.broadcast(1f).div(x), y -> y.mul(y).neg());
      case EXP -> new UnaryFunctions(FastMath::exp, y -> y);
      case LOG -> new UnaryFunctions(FastMath::log, x -> x.broadcast(1f).div(x));
      case TANH -> new UnaryFunctions(FastMath::tanh, y -> y.neg().fma(y, y.broadcast(1f)));
      case SIGMOID -> new UnaryFunctions(FastMath::sigmoid, y -> y.neg().fma(y, y));
      case RELU -> new UnaryFunctions(x -> x.max(0f), UnaryFunctions::step);
      case ERF -> new UnaryFunctions(FastMath::erf, UnaryFunctions::erfDerivative);
      case GELU_ERF -> new UnaryFunctions(FastMath::geluErf, FastMath::geluErfDerivative);
      case GELU_TANH -> new UnaryFunctions(FastMath::geluTanh, FastMath::geluTanhDerivative);
    };
  }

  private static FloatVector sign(FloatVector x) {
    FloatVector zero = x.broadcast(0f);
    return zero.blend(1f, x.compare(VectorOperators.GT, 0f))
        .blend(-1f, x.compare(VectorOperators.LT, 0f));
  }

  private static FloatVector step(FloatVector y) {
    return y.broadcast(0f).blend(1f, y.compare(VectorOperators.GT, 0f));
  }

  private static FloatVector erfDerivative(FloatVector x) {
    return FastMath.expNonPositive(x.mul(x).neg()).mul(TWO_OVER_SQRT_PI);
  }
}
