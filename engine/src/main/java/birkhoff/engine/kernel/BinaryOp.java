package birkhoff.engine.kernel;

import java.util.function.DoubleBinaryOperator;

/** Functions of two numbers with their partial derivatives, in double. */
public enum BinaryOp {
  ADD((a, b) -> a + b, (a, b) -> 1, (a, b) -> 1, false),
  SUB((a, b) -> a - b, (a, b) -> 1, (a, b) -> -1, false),
  MUL((a, b) -> a * b, (a, b) -> b, (a, b) -> a, true),
  DIV((a, b) -> a / b, (a, b) -> 1 / b, (a, b) -> -a / (b * b), true),
  /** The gradient goes to the larger operand, to the first one in a tie. */
  MAX(Math::max, (a, b) -> a >= b ? 1 : 0, (a, b) -> a >= b ? 0 : 1, true),
  MIN(Math::min, (a, b) -> a <= b ? 1 : 0, (a, b) -> a <= b ? 0 : 1, true);

  private final DoubleBinaryOperator function;
  private final DoubleBinaryOperator da;
  private final DoubleBinaryOperator db;
  private final boolean needsInputs;

  BinaryOp(
      DoubleBinaryOperator function,
      DoubleBinaryOperator da,
      DoubleBinaryOperator db,
      boolean needsInputs) {
    this.function = function;
    this.da = da;
    this.db = db;
    this.needsInputs = needsInputs;
  }

  public double f(double a, double b) {
    return function.applyAsDouble(a, b);
  }

  /** ∂f/∂a. */
  public double da(double a, double b) {
    return da.applyAsDouble(a, b);
  }

  /** ∂f/∂b. */
  public double db(double a, double b) {
    return db.applyAsDouble(a, b);
  }

  /** Whether the derivatives read the inputs. */
  public boolean needsInputs() {
    return needsInputs;
  }
}
