package birkhoff.engine.kernel.vector;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import birkhoff.engine.kernel.BinaryOp;
import jdk.incubator.vector.FloatVector;

/** The vector forms of a {@link BinaryOp} and of its partial derivatives. */
public final class BinaryFunctions {
  /** What is computed of two vectors. */
  public enum Form {
    ADD,
    SUB,
    MUL,
    DIV,
    MAX,
    MIN,
    ONE,
    MINUS_ONE,
    FIRST,
    SECOND,
    ONE_OVER_SECOND,
    MINUS_QUOTIENT_OVER_SECOND,
    FIRST_IS_MAX,
    FIRST_IS_MIN,
    FIRST_IS_NOT_MAX,
    FIRST_IS_NOT_MIN
  }

  private BinaryFunctions() {}

  public static Form f(BinaryOp op) {
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
  public static Form da(BinaryOp op) {
    return switch (op) {
      case ADD, SUB -> Form.ONE;
      case MUL -> Form.SECOND;
      case DIV -> Form.ONE_OVER_SECOND;
      case MAX -> Form.FIRST_IS_MAX;
      case MIN -> Form.FIRST_IS_MIN;
    };
  }

  /** ∂f/∂b. */
  public static Form db(BinaryOp op) {
    return switch (op) {
      case ADD -> Form.ONE;
      case SUB -> Form.MINUS_ONE;
      case MUL -> Form.FIRST;
      case DIV -> Form.MINUS_QUOTIENT_OVER_SECOND;
      case MAX -> Form.FIRST_IS_NOT_MAX;
      case MIN -> Form.FIRST_IS_NOT_MIN;
    };
  }

  /** {@code form} of a and b; in loops it is a constant, as in {@link UnaryFunctions}. */
  public static FloatVector of(Form form, FloatVector a, FloatVector b) {
    if (form == Form.ADD) {
      return a.add(b);
    }
    if (form == Form.SUB) {
      return a.sub(b);
    }
    if (form == Form.MUL) {
      return a.mul(b);
    }
    if (form == Form.DIV) {
      return a.div(b);
    }
    if (form == Form.MAX) {
      return a.max(b);
    }
    if (form == Form.MIN) {
      return a.min(b);
    }
    if (form == Form.ONE) {
      return a.broadcast(1f);
    }
    if (form == Form.MINUS_ONE) {
      return a.broadcast(-1f);
    }
    if (form == Form.FIRST) {
      return a;
    }
    if (form == Form.SECOND) {
      return b;
    }
    if (form == Form.ONE_OVER_SECOND) {
      return b.broadcast(1f).div(b);
    }
    if (form == Form.MINUS_QUOTIENT_OVER_SECOND) {
      return a.div(b).div(b).neg();
    }
    if (form == Form.FIRST_IS_MAX) {
      return a.broadcast(0f).blend(1f, a.compare(GE, b));
    }
    if (form == Form.FIRST_IS_MIN) {
      return a.broadcast(0f).blend(1f, a.compare(LE, b));
    }
    if (form == Form.FIRST_IS_NOT_MAX) {
      return a.broadcast(1f).blend(0f, a.compare(GE, b));
    }
    if (form == Form.FIRST_IS_NOT_MIN) {
      return a.broadcast(1f).blend(0f, a.compare(LE, b));
    }
    throw new MatchException(form.name(), null);
  }
}
