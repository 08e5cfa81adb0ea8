package birkhoff.engine.op.fused;

import birkhoff.engine.op.index.Ids;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cell;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Moves;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Mean softmax cross-entropy in nats of {@code logits[n, vocab]} against INT32 {@code targets[n]}.
 */
public record CrossEntropy() implements KernelPrimitive {
  @Override
  public String name() {
    return "crossEntropy";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 2, 2);
    var dtype = Check.floating(name(), in.subList(0, 1));
    Check.int32(name(), in.get(1));
    Shape logits = in.get(0).shape();
    Check.that(logits.rank() == 2 && logits.size(0) > 0, name(), in, "expected [n, vocab], n > 0");
    Check.shape(name(), "targets", in.get(1), Shape.of(logits.size(0)));
    return Plan.of(TensorSpec.of(Shape.of(), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    Tensor logits = o.in(0);
    Ids.check(x, name(), o.in(1), logits.size(1));
    Tensor rows = x.allocate(TensorSpec.of(Shape.of(logits.size(0)), logits.dtype()));
    run(x, logits, o.in(1), rows, false, () -> 0);
    mean(x, rows, o.out(0));
    Execution.release(rows);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor logits = o.in(0);
    Tensor gradient = x.allocate(logits.spec());
    Moves.copy(x, logits, gradient);
    Tensor rows = x.allocate(TensorSpec.of(Shape.of(logits.size(0)), logits.dtype()));
    Cell scale = Cell.of(g.of(0));
    long n = logits.size(0);
    run(x, gradient, o.in(1), rows, true, () -> scale.get() / n);
    Execution.release(rows);
    g.give(0, gradient);
  }

  /** The mean of the rows' losses. */
  static void mean(Execution x, Tensor rows, Tensor out) {
    Cell loss = Cell.of(out);
    long n = rows.count();
    Sums.all(x, rows, total -> loss.set(total / n));
  }

  /**
   * Losses of all rows; when {@code gradient}, the logits are replaced by their gradient times
   * {@code scale}, which is asked for when the work is done.
   */
  static void run(
      Execution x,
      Tensor logits,
      Tensor targets,
      Tensor rows,
      boolean gradient,
      DoubleSupplier scale) {
    var k = x.kernels().loss(logits.dtype());
    int vocab = Check.intSize("crossEntropy", logits.size(1));
    var l = logits.data();
    var t = targets.data();
    var r = rows.data();
    x.parallel(
        Partition.rows(logits.size(0), vocab),
        (lo, hi, w) -> k.crossEntropy(l, vocab, t, r, gradient, scale.getAsDouble(), lo, hi));
  }
}
