package birkhoff.engine.kernel.vector;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import birkhoff.engine.kernel.BinaryOp;
import jdk.incubator.vector.FloatVector;

/** The vector forms of a {@link BinaryOp} and of its partial derivatives. */
final class BinaryFunctions {
  @FunctionalInterface
  interface Function {
    FloatVector of(FloatVector a, FloatVector b);
  }

  private BinaryFunctions() {}

  static Function f(BinaryOp op) {
    return switch (op) {
      case ADD -> FloatVector::add;
      case SUB -> FloatVector::sub;
      case MUL -> FloatVector::mul;
      case DIV -> FloatVector::div;
      case MAX -> FloatVector::max;
      case MIN -> FloatVector::min;
    };
  }

  /** ∂f/∂a, for the functions whose derivatives read the operands. */
  static Function da(BinaryOp op) {
    return switch (op) {
      case ADD, SUB -> (a, b) -> a.broadcast(1f);
      case MUL -> (a, b) -> b;
      case DIV -> (a, b) -> b.broadcast(1f).div(b);
      case MAX -> (a, b) -> a.broadcast(0f).blend(1f, a.compare(GE, b));
      case MIN -> (a, b) -> a.broadcast(0f).blend(1f, a.compare(LE, b));
    };
  }

  /** ∂f/∂b. */
  static Function db(BinaryOp op) {
    return switch (op) {
      case ADD -> (a, b) -> b.broadcast(1f);
      case SUB -> (a, b) -> b.broadcast(-1f);
      case MUL -> (a, b) -> a;
      case DIV -> (a, b) -> a.div(b).div(b).neg();
      case MAX -> (a, b) -> a.broadcast(1f).blend(0f, a.compare(GE, b));
      case MIN -> (a, b) -> a.broadcast(1f).blend(0f, a.compare(LE, b));
    };
  }
}
