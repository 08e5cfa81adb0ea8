package birkhoff.engine.kernel;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * Functions of one number with their derivatives, in double: the definition that scalar kernels run
 * and vector kernels are checked against. {@code df} takes the input and the output.
 */
public enum UnaryOp {
  NEG(x -> -x, (x, y) -> -1, Needs.NOTHING),
  ABS(Math::abs, (x, y) -> x > 0 ? 1 : x < 0 ? -1 : 0, Needs.INPUT),
  SQUARE(x -> x * x, (x, y) -> 2 * x, Needs.INPUT),
  SQRT(Math::sqrt, (x, y) -> 0.5 / y, Needs.OUTPUT),
  RECIPROCAL(x -> 1 / x, (x, y) -> -y * y, Needs.OUTPUT),
  EXP(Math::exp, (x, y) -> y, Needs.OUTPUT),
  LOG(Math::log, (x, y) -> 1 / x, Needs.INPUT),
  TANH(Math::tanh, (x, y) -> 1 - y * y, Needs.OUTPUT),
  SIGMOID(x -> 1 / (1 + Math.exp(-x)), (x, y) -> y * (1 - y), Needs.OUTPUT),
  RELU(x -> Math.max(x, 0), (x, y) -> y > 0 ? 1 : 0, Needs.OUTPUT),
  ERF(Erf::erf, (x, y) -> Erf.TWO_OVER_SQRT_PI * Math.exp(-x * x), Needs.INPUT),
  /** Exact GELU, x·Φ(x) (Hendrycks and Gimpel, arXiv 1606.08415). */
  GELU_ERF(Gelu::erf, (x, y) -> Gelu.erfDerivative(x), Needs.INPUT),
  /** The tanh approximation of GELU used by GPT-2. */
  GELU_TANH(Gelu::tanh, (x, y) -> Gelu.tanhDerivative(x), Needs.INPUT);

  /** What the derivative reads. */
  public enum Needs {
    NOTHING,
    INPUT,
    OUTPUT
  }

  private final DoubleUnaryOperator function;
  private final DoubleBinaryOperator derivative;
  private final Needs needs;

  UnaryOp(DoubleUnaryOperator function, DoubleBinaryOperator derivative, Needs needs) {
    this.function = function;
    this.derivative = derivative;
    this.needs = needs;
  }

  public double f(double x) {
    return function.applyAsDouble(x);
  }

  /** df/dx at {@code x}, where {@code y = f(x)}; only the one that {@link #needs} says is read. */
  public double df(double x, double y) {
    return derivative.applyAsDouble(x, y);
  }

  public Needs needs() {
    return needs;
  }
}
