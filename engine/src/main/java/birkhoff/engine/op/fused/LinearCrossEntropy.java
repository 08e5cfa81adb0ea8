package birkhoff.engine.op.fused;

import birkhoff.engine.op.index.Ids;
import birkhoff.engine.op.linalg.Products;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cell;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * A language model's head and its loss at once: mean softmax cross-entropy of {@code h[n, c]·
 * W[vocab, c]ᵀ} against INT32 {@code targets[n]}. The logits exist for one chunk of rows at a time;
 * while recording, the chunk's gradients are worked out before the next chunk overwrites it, and
 * backward only scales them.
 */
public record LinearCrossEntropy() implements KernelPrimitive {
  /** Elements of logits held at once: 128 MiB of float32. Half as many cost 2 to 4 % of a step. */
  private static final long CHUNK_ELEMENTS = 1L << 25;

  private static final long ROW_MULTIPLE = 16;

  @Override
  public String name() {
    return "linearCrossEntropy";
  }

  @Override
  public boolean readsInput(int input) {
    return false;
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    return plan(name(), in, recording);
  }

  /** Shared with its twin of mixed precision, whose name errors then have. */
  public static Plan plan(String name, List<TensorSpec> in, boolean recording) {
    Check.inputs(name, in, 3, 3);
    var dtype = Check.floating(name, in.subList(0, 2));
    Check.int32(name, in.get(2));
    Shape h = in.get(0).shape();
    Shape w = in.get(1).shape();
    Check.that(
        h.rank() == 2 && w.rank() == 2 && h.size(1) == w.size(1) && h.size(0) > 0 && w.size(0) > 0,
        name,
        in,
        "expected [n, c], [vocab, c], n > 0");
    Check.shape(name, "targets", in.get(2), Shape.of(h.size(0)));
    TensorSpec loss = TensorSpec.of(Shape.of(), dtype);
    return recording ? Plan.of(loss, in.get(0), in.get(1)) : Plan.of(loss);
  }

  /** Rows per chunk: a function of the shape only. */
  static long chunkRows(long rows, long vocab) {
    long most = Math.max(ROW_MULTIPLE, CHUNK_ELEMENTS / vocab / ROW_MULTIPLE * ROW_MULTIPLE);
    if (rows <= most) {
      return rows;
    }
    long chunks = (rows + most - 1) / most;
    long even = (rows + chunks - 1) / chunks;
    return (even + ROW_MULTIPLE - 1) / ROW_MULTIPLE * ROW_MULTIPLE;
  }

  @Override
  public void forward(Execution x, Operands o) {
    Tensor h = o.in(0);
    Tensor weight = o.in(1);
    Tensor targets = o.in(2);
    long n = h.size(0);
    long vocab = weight.size(0);
    Ids.check(x, name(), targets, vocab);
    boolean gradient = o.saved().length > 0;
    long step = chunkRows(n, vocab);
    Tensor rows = x.allocate(TensorSpec.of(Shape.of(n), h.dtype()));
    Tensor buffer = x.allocate(TensorSpec.of(Shape.of(step, vocab), h.dtype()));
    for (long lo = 0; lo < n; lo += step) {
      long hi = Math.min(n, lo + step);
      Tensor part = h.slice(0, lo, hi);
      Tensor logits = buffer.slice(0, 0, hi - lo);
      Products.multiply(x, part, weight.t(), logits, false);
      CrossEntropy.run(
          x, logits, targets.slice(0, lo, hi), rows.slice(0, lo, hi), gradient, () -> 1.0 / n);
      if (gradient) {
        Products.multiply(x, logits, weight, o.saved(0).slice(0, lo, hi), false);
        Products.multiply(x, logits.t(), part, o.saved(1), lo > 0);
      }
    }
    CrossEntropy.mean(x, rows, o.out(0));
    Execution.release(buffer);
    Execution.release(rows);
  }

  /** The forward half computes both gradients too when it records. */
  @Override
  public long flops(Operands o, boolean backward) {
    long product = 2 * o.in(0).count() * o.in(1).size(0);
    return backward ? 0 : o.saved().length > 0 ? 3 * product : product;
  }

  /** Backward moves nothing as a rule: the gradients are there, and a loss's cotangent is 1. */
  @Override
  public long bytes(Operands o, boolean backward) {
    return backward ? 0 : KernelPrimitive.super.bytes(o, false);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Cell scale = Cell.of(g.of(0));
    for (int i = 0; i < 2; i++) {
      if (g.wants(i)) {
        Tensor saved = o.saved(i);
        var k = x.kernels().elementwise(saved.dtype());
        var d = saved.data();
        x.parallel(
            Partition.elements(saved.count()),
            (lo, hi, w) -> {
              if (scale.get() != 1) {
                k.axpby(scale.get(), d, 0, d, lo, hi);
              }
            });
        g.give(i, saved);
      }
    }
  }
}
