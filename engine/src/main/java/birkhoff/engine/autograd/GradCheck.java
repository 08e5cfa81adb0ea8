package birkhoff.engine.autograd;

import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.op.Ops;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.rng.Distributions;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Compares a function's gradients with central differences, in float64: element by element for
 * small inputs, along random directions for large ones.
 *
 * @param absolute allowed error for small derivatives
 * @param relative allowed error relative to the derivative
 * @param step of the difference quotient
 * @param seed of the random cotangent and directions
 */
public record GradCheck(double absolute, double relative, double step, long seed) {
  /** Inputs up to this many elements are checked element by element. */
  public static final int FULL_LIMIT = 200;

  private static final int DIRECTIONS = 4;

  /** The tolerances that float64 gradients are expected to meet. */
  public static final GradCheck DEFAULT = new GradCheck(1e-7, 1e-5, 1e-5, 1);

  /** What was compared, and the worst difference in units of its tolerance (≤ 1 passes). */
  public record Report(int derivatives, double worst) {}

  /**
   * Checks {@code f} at {@code inputs}, which are perturbed and restored. The function must be
   * deterministic and return one tensor.
   *
   * @throws DifferentiationException naming the input, the element and both values when they differ
   */
  public Report check(Execution x, BiFunction<Ops, List<Tensor>, Tensor> f, List<Tensor> inputs) {
    for (Tensor t : inputs) {
      if (t.dtype() == DType.FLOAT32) {
        throw new DifferentiationException("gradcheck: inputs must be float64, got " + t.spec());
      }
      if (repeats(t)) {
        throw new DifferentiationException(
            "gradcheck: input " + t.layout() + " repeats elements; broadcast inside the function");
      }
    }
    try (var _ = x.workspace().openScope()) {
      return compare(x, f, inputs);
    }
  }

  private static boolean repeats(Tensor t) {
    for (int i = 0; i < t.shape().rank(); i++) {
      if (t.size(i) > 1 && t.layout().stride(i) == 0) {
        return true;
      }
    }
    return false;
  }

  private Report compare(
      Execution x, BiFunction<Ops, List<Tensor>, Tensor> f, List<Tensor> inputs) {
    Tape tape = new Tape(x);
    inputs.stream().filter(t -> t.dtype().isFloating()).forEach(tape::watch);
    Tensor y = f.apply(tape.ops(), inputs);
    double[] weights = random(1000, Math.toIntExact(y.count()));
    Tensor cotangent = x.allocate(y.spec());
    cotangent.copyFrom(weights);
    Gradients gradients = tape.backward(y, cotangent);
    int count = 0;
    double worst = 0;
    for (int i = 0; i < inputs.size(); i++) {
      Tensor t = inputs.get(i);
      if (!t.dtype().isFloating()) {
        continue;
      }
      double[] analytic = gradients.of(t).toDoubleArray();
      int n = analytic.length;
      int directions = n <= FULL_LIMIT ? n : DIRECTIONS;
      for (int d = 0; d < directions; d++) {
        double[] direction = direction(n, d, i);
        double expected = dot(analytic, direction);
        double numeric = difference(x, f, inputs, t, direction, weights);
        double error = Math.abs(expected - numeric);
        double allowed = absolute + relative * Math.max(Math.abs(expected), Math.abs(numeric));
        if (!(error <= allowed)) {
          throw new DifferentiationException(
              "gradcheck: input "
                  + i
                  + " "
                  + t.spec()
                  + (n <= FULL_LIMIT ? " element " : " direction ")
                  + d
                  + ": gradient "
                  + expected
                  + ", difference quotient "
                  + numeric
                  + ", error "
                  + error
                  + " over "
                  + allowed);
        }
        worst = Math.max(worst, error / allowed);
        count++;
      }
    }
    return new Report(count, worst);
  }

  private double difference(
      Execution x,
      BiFunction<Ops, List<Tensor>, Tensor> f,
      List<Tensor> inputs,
      Tensor t,
      double[] direction,
      double[] weights) {
    double[] old = t.toDoubleArray();
    try {
      double up = shifted(x, f, inputs, t, old, direction, step, weights);
      double down = shifted(x, f, inputs, t, old, direction, -step, weights);
      return (up - down) / (2 * step);
    } finally {
      t.copyFrom(old);
    }
  }

  private static double shifted(
      Execution x,
      BiFunction<Ops, List<Tensor>, Tensor> f,
      List<Tensor> inputs,
      Tensor t,
      double[] old,
      double[] direction,
      double by,
      double[] weights) {
    double[] moved = old.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += by * direction[i];
    }
    t.copyFrom(moved);
    try (var _ = x.workspace().openScope()) {
      return dot(f.apply(new Ops(x, null), inputs).toDoubleArray(), weights);
    }
  }

  private double[] direction(int n, int d, int input) {
    if (n > FULL_LIMIT) {
      return random(d + 10L * input, n);
    }
    double[] unit = new double[n];
    unit[d] = 1;
    return unit;
  }

  private double[] random(long stream, int n) {
    double[] v = new double[n];
    for (int i = 0; i < n; i++) {
      v[i] = Distributions.normal(seed, stream, i);
    }
    return v;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
