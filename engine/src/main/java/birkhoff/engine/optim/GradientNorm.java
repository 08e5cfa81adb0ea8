package birkhoff.engine.optim;

import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;

/**
 * The norm of all gradients together, measured in one parallel section. Blocks are added in their
 * order within a parameter, parameters in theirs. Not thread-safe.
 */
public final class GradientNorm {
  private final List<Parameter> parameters;
  private final Blocks blocks;
  private final double[] squares;

  public GradientNorm(Collection<Parameter> parameters) {
    this.parameters = List.copyOf(parameters);
    blocks = Blocks.of(this.parameters);
    squares = new double[blocks.count()];
  }

  /** Sums the squares of these gradients. */
  public void measure(Execution x, Gradients gradients) {
    long start = x.observers().begin();
    int n = parameters.size();
    long bytes = 0;
    MemorySegment[] memory = new MemorySegment[n];
    Reduction[] kernels = new Reduction[n];
    for (int i = 0; i < n; i++) {
      Tensor g = gradients.of(parameters.get(i).tensor());
      memory[i] = g.data();
      kernels[i] = x.kernels().reduction(g.dtype());
      bytes += g.spec().bytes();
    }
    x.team()
        .run(
            blocks.count(),
            (b, w) -> {
              Blocks.Block block = blocks.get(b);
              int i = block.tensor();
              squares[b] = kernels[i].sumSquares(memory[i], block.lo(), block.hi());
            });
    x.observers().worked("gradientNorm", bytes, start);
  }

  /** √Σ g² of what was measured last. */
  public double value() {
    double total = 0;
    for (int b = 0; b < squares.length; ) {
      int parameter = blocks.get(b).tensor();
      double sum = 0;
      for (; b < squares.length && blocks.get(b).tensor() == parameter; b++) {
        sum += squares[b];
      }
      total += sum;
    }
    return Math.sqrt(total);
  }
}
