package birkhoff.engine.op.index;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * {@code out[b, t, c] = tokens[ids[b, t], c] + positions[t, c]}: GPT-2's input. Inputs: {@code
 * tokens[vocab, c]} (bfloat16 is widened, and gets no gradient), INT32 {@code ids[b, t]}, {@code
 * positions[≥ t, c]}.
 */
public record TokenPositionEmbedding() implements KernelPrimitive {
  @Override
  public String name() {
    return "tokenPositionEmbedding";
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
    Check.inputs(name(), in, 3, 3);
    boolean narrow = in.get(0).dtype() == DType.BFLOAT16;
    var dtype = Check.floating(name(), narrow ? List.of(in.get(2)) : List.of(in.get(0), in.get(2)));
    Check.int32(name(), in.get(1));
    var table = in.get(0).shape();
    var ids = in.get(1).shape();
    var positions = in.get(2).shape();
    Check.that(
        table.rank() == 2 && ids.rank() == 2 && positions.rank() == 2,
        name(),
        in,
        "expected [vocab, c], [b, t], [block, c]");
    Check.that(table.size(1) == positions.size(1), name(), in, "the widths must be equal");
    Check.that(ids.size(1) <= positions.size(0), name(), in, "more tokens than positions");
    return Plan.of(TensorSpec.of(Embedding.append(ids, table.size(1)), dtype));
  }

  /** Forward touches the rows in use, backward the gradients of both tables. */
  @Override
  public long bytes(Operands o, boolean backward) {
    long rows = o.in(1).spec().bytes() + 2 * o.out(0).spec().bytes();
    return backward ? rows + o.in(0).spec().bytes() + o.in(2).spec().bytes() : rows;
  }

  @Override
  public void forward(Execution x, Operands o) {
    Ids.check(x, name(), o.in(1), o.in(0).size(0));
    var k = x.kernels().embedding(o.out(0).dtype());
    int cols = Check.intSize(name(), o.in(0).size(1));
    long time = o.in(1).size(1);
    var table = o.in(0).data();
    var ids = o.in(1).data();
    var positions = o.in(2).data();
    var out = o.out(0).data();
    var rows = Partition.rows(o.in(1).count(), cols);
    if (o.in(0).dtype() != DType.BFLOAT16) {
      x.parallel(
          rows, (lo, hi, w) -> k.gatherAddPosition(table, ids, positions, time, out, cols, lo, hi));
      return;
    }
    var narrow = x.kernels().bfloat16(o.out(0).dtype());
    var sums = x.kernels().elementwise(o.out(0).dtype());
    x.parallel(
        rows,
        (lo, hi, w) -> {
          for (long r = lo; r < hi; r++) {
            long row = (long) ids.getAtIndex(ValueLayout.JAVA_INT, r) * cols;
            long position = r % time * cols;
            narrow.widen(table, row, out, r * cols, cols);
            sums.binary(
                BinaryOp.ADD, out, r * cols, 1, positions, position, 1, out, r * cols, cols);
          }
        });
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    if (g.wants(0)) {
      Embedding.scatterAdd(x, g.of(0), o.in(1), g.into(0));
    }
    if (g.wants(2)) {
      Cotangents.Target t = g.into(2);
      long used = o.in(1).size(1);
      if (!t.accumulate() && used < t.tensor().size(0)) {
        x.fill(t.tensor(), 0);
      }
      Tensor part = t.tensor().slice(0, 0, used);
      Sums.columns(x, g.of(0), o.in(1).size(0), part.count(), part.data(), t.accumulate());
    }
  }
}
