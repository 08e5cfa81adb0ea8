package birkhoff.engine.kernel.vector;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import birkhoff.engine.kernel.BinaryOp;
import jdk.incubator.vector.FloatVector;

/** The vector forms of a {@link BinaryOp} and of its partial derivatives. */
final class BinaryFunctions {
  /** One vector of results from two of arguments. */
  interface Function {
    FloatVector of(FloatVector a, FloatVector b);
  }

  private BinaryFunctions() {}

  static Function f(BinaryOp op) {
    return switch (op) {
      case ADD -> Form.ADD;
      case SUB -> Form.SUB;
      case MUL -> Form.MUL;
      case DIV -> Form.DIV;
      case MAX -> Form.MAX;
      case MIN -> Form.MIN;
    };
  }

  /** ∂f/∂a, for the functions whose derivatives read the operands. */
  static Function da(BinaryOp op) {
    return switch (op) {
      case ADD, SUB -> Form.ONE;
      case MUL -> Form.SECOND;
      case DIV -> Form.ONE_OVER_SECOND;
      case MAX -> Form.FIRST_IS_MAX;
      case MIN -> Form.FIRST_IS_MIN;
    };
  }

  /** ∂f/∂b. */
  static Function db(BinaryOp op) {
    return switch (op) {
      case ADD -> Form.ONE;
      case SUB -> Form.MINUS_ONE;
      case MUL -> Form.FIRST;
      case DIV -> Form.MINUS_QUOTIENT_OVER_SECOND;
      case MAX -> Form.FIRST_IS_NOT_MAX;
      case MIN -> Form.FIRST_IS_NOT_MIN;
    };
  }

  /** Bodies of their own, not lambdas, for the reason that {@link UnaryFunctions} gives. */
  private enum Form implements Function {
    ADD {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.add(b);
      }
    },
    SUB {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.sub(b);
      }
    },
    MUL {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.mul(b);
      }
    },
    DIV {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.div(b);
      }
    },
    MAX {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.max(b);
      }
    },
    MIN {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.min(b);
      }
    },
    ONE {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.broadcast(1f);
      }
    },
    MINUS_ONE {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.broadcast(-1f);
      }
    },
    FIRST {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a;
      }
    },
    SECOND {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return b;
      }
    },
    ONE_OVER_SECOND {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return b.broadcast(1f).div(b);
      }
    },
    MINUS_QUOTIENT_OVER_SECOND {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.div(b).div(b).neg();
      }
    },
    FIRST_IS_MAX {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.broadcast(0f).blend(1f, a.compare(GE, b));
      }
    },
    FIRST_IS_MIN {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.broadcast(0f).blend(1f, a.compare(LE, b));
      }
    },
    FIRST_IS_NOT_MAX {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.broadcast(1f).blend(0f, a.compare(GE, b));
      }
    },
    FIRST_IS_NOT_MIN {
      @Override
      public FloatVector of(FloatVector a, FloatVector b) {
        return a.broadcast(1f).blend(0f, a.compare(LE, b));
      }
    }
  }
}
