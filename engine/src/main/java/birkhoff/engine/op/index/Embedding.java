package birkhoff.engine.op.index;

import birkhoff.engine.parallel.Partition;
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

/** {@code out[…, c] = table[ids[…], c]} for {@code table[rows, c]} and INT32 ids. */
public record Embedding() implements KernelPrimitive {
  private static final long COLUMN_GRAIN = 64;

  @Override
  public String name() {
    return "embedding";
  }

  @Override
  public boolean readsInput(int input) {
    return input == 1;
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
    Check.that(in.get(0).shape().rank() == 2, name(), in, "the table must be [rows, width]");
    return Plan.of(TensorSpec.of(append(in.get(1).shape(), in.get(0).shape().size(1)), dtype));
  }

  static Shape append(Shape lead, long last) {
    long[] s = java.util.Arrays.copyOf(lead.toArray(), lead.rank() + 1);
    s[lead.rank()] = last;
    return Shape.of(s);
  }

  /** Forward touches the rows in use, backward the whole table's gradient. */
  @Override
  public long bytes(Operands o, boolean backward) {
    long rows = o.in(1).spec().bytes() + 2 * o.out(0).spec().bytes();
    return backward ? rows + o.in(0).spec().bytes() : rows;
  }

  @Override
  public void forward(Execution x, Operands o) {
    Ids.check(x, name(), o.in(1), o.in(0).size(0));
    var k = x.kernels().embedding(o.out(0).dtype());
    int cols = Check.intSize(name(), o.in(0).size(1));
    var table = o.in(0).data();
    var ids = o.in(1).data();
    var out = o.out(0).data();
    x.parallel(
        Partition.rows(o.in(1).count(), cols),
        (lo, hi, w) -> k.gather(table, ids, out, cols, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    scatterAdd(x, g.of(0), o.in(1), g.into(0));
  }

  /** Adds the rows of {@code gout[n, cols]} to the rows {@code ids} of the table's gradient. */
  static void scatterAdd(Execution x, Tensor gout, Tensor ids, Cotangents.Target table) {
    Tensor gt = table.tensor();
    if (!table.accumulate()) {
      x.fill(gt, 0);
    }
    var k = x.kernels().embedding(gt.dtype());
    int cols = Check.intSize("embedding", gt.size(1));
    var rows = gout.data();
    var places = ids.data();
    var sums = gt.data();
    long count = ids.count();
    x.parallel(
        new Partition(cols, COLUMN_GRAIN),
        (lo, hi, w) -> k.scatterAdd(rows, places, sums, count, cols, (int) lo, (int) hi));
  }
}
