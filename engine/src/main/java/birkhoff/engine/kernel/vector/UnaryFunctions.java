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
  /** One vector of results from one of arguments. */
  interface Function {
    FloatVector of(FloatVector v);
  }

  static UnaryFunctions of(UnaryOp op) {
    return switch (op) {
      case NEG -> new UnaryFunctions(Form.NEG, Form.MINUS_ONE);
      case ABS -> new UnaryFunctions(Form.ABS, Form.SIGN);
      case SQUARE -> new UnaryFunctions(Form.SQUARE, Form.TWICE);
      case SQRT -> new UnaryFunctions(Form.SQRT, Form.HALF_RECIPROCAL);
      case RECIPROCAL -> new UnaryFunctions(Form.RECIPROCAL, Form.MINUS_SQUARE);
      case EXP -> new UnaryFunctions(null, Form.SAME);
      case LOG -> new UnaryFunctions(null, Form.RECIPROCAL);
      case TANH -> new UnaryFunctions(null, Form.ONE_MINUS_SQUARE);
      case SIGMOID -> new UnaryFunctions(null, Form.LOGISTIC_SLOPE);
      case RELU -> new UnaryFunctions(Form.POSITIVE_PART, Form.STEP);
      case ERF, GELU_ERF, GELU_TANH -> new UnaryFunctions(null, null);
    };
  }

  /**
   * Bodies of their own, not lambdas: a lambda calls a second method, which C2 does not inline
   * while that call's own profile is young, and then boxes every vector for good.
   */
  private enum Form implements Function {
    NEG {
      @Override
      public FloatVector of(FloatVector x) {
        return x.neg();
      }
    },
    ABS {
      @Override
      public FloatVector of(FloatVector x) {
        return x.abs();
      }
    },
    SIGN {
      @Override
      public FloatVector of(FloatVector x) {
        return x.broadcast(0f)
            .blend(1f, x.compare(VectorOperators.GT, 0f))
            .blend(-1f, x.compare(VectorOperators.LT, 0f));
      }
    },
    SQUARE {
      @Override
      public FloatVector of(FloatVector x) {
        return x.mul(x);
      }
    },
    TWICE {
      @Override
      public FloatVector of(FloatVector x) {
        return x.add(x);
      }
    },
    SQRT {
      @Override
      public FloatVector of(FloatVector x) {
        return x.sqrt();
      }
    },
    HALF_RECIPROCAL {
      @Override
      public FloatVector of(FloatVector y) {
        return y.broadcast(0.5f).div(y);
      }
    },
    RECIPROCAL {
      @Override
      public FloatVector of(FloatVector x) {
        return x.broadcast(1f).div(x);
      }
    },
    MINUS_SQUARE {
      @Override
      public FloatVector of(FloatVector y) {
        return y.mul(y).neg();
      }
    },
    MINUS_ONE {
      @Override
      public FloatVector of(FloatVector x) {
        return x.broadcast(-1f);
      }
    },
    SAME {
      @Override
      public FloatVector of(FloatVector y) {
        return y;
      }
    },
    ONE_MINUS_SQUARE {
      @Override
      public FloatVector of(FloatVector y) {
        return y.neg().fma(y, y.broadcast(1f));
      }
    },
    LOGISTIC_SLOPE {
      @Override
      public FloatVector of(FloatVector y) {
        return y.neg().fma(y, y);
      }
    },
    POSITIVE_PART {
      @Override
      public FloatVector of(FloatVector x) {
        return x.max(0f);
      }
    },
    STEP {
      @Override
      public FloatVector of(FloatVector y) {
        return y.broadcast(0f).blend(1f, y.compare(VectorOperators.GT, 0f));
      }
    }
  }
}
