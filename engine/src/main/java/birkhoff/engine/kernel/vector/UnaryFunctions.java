package birkhoff.engine.kernel.vector;

import birkhoff.engine.kernel.UnaryOp;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The vector forms of a {@link UnaryOp}, null where {@link FunctionLoops} has the loop.
 *
 * @param f the function
 * @param df its derivative, of the input or the output as {@link UnaryOp#needs} says
 */
record UnaryFunctions(Function f, Function df) {
  @FunctionalInterface
  interface Function {
    FloatVector of(FloatVector v);
  }

  static UnaryFunctions of(UnaryOp op) {
    return switch (op) {
      case NEG -> new UnaryFunctions(FloatVector::neg, g -> g.broadcast(-1f));
      case ABS -> new UnaryFunctions(FloatVector::abs, UnaryFunctions::sign);
      case SQUARE -> new UnaryFunctions(x -> x.mul(x), x -> x.add(x));
      case SQRT -> new UnaryFunctions(FloatVector::sqrt, y -> y.broadcast(0.5f).div(y));
      case RECIPROCAL -> new UnaryFunctions(x -> x.broadcast(1f).div(x), y -> y.mul(y).neg());
      case EXP -> new UnaryFunctions(null, y -> y);
      case LOG -> new UnaryFunctions(null, x -> x.broadcast(1f).div(x));
      case TANH -> new UnaryFunctions(null, y -> y.neg().fma(y, y.broadcast(1f)));
      case SIGMOID -> new UnaryFunctions(null, y -> y.neg().fma(y, y));
      case RELU -> new UnaryFunctions(x -> x.max(0f), UnaryFunctions::step);
      case ERF, GELU_ERF, GELU_TANH -> new UnaryFunctions(null, null);
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
}
