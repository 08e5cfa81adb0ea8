package birkhoff.engine.op.mixing;

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

/** {@code streams} copies: {@code x[…, width]} to {@code […, streams, width]}. */
public record StreamExpand(int streams) implements KernelPrimitive {
  @Override
  public String name() {
    return "streamExpand";
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
    Check.inputs(name(), in, 1, 1);
    var dtype = Check.floating(name(), in);
    Check.rank(name(), in.getFirst(), 1);
    Check.that(streams >= 1, name(), in, "the number of streams must be at least 1");
    Shape x = in.getFirst().shape();
    long[] sizes = new long[x.rank() + 1];
    for (int i = 0; i < x.rank() - 1; i++) {
      sizes[i] = x.size(i);
    }
    sizes[x.rank() - 1] = streams;
    sizes[x.rank()] = x.size(-1);
    return Plan.of(TensorSpec.of(Shape.of(sizes), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    spread(x, o.in(0), o.out(0), false);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    if (g.wants(0)) {
      gather(x, g.of(0), g.into(0));
    }
  }

  /** Every stream {@code (+)= x}. */
  static void spread(Execution x, Tensor from, Tensor streams, boolean accumulate) {
    var n = StreamShapes.of("streamExpand", streams.shape());
    var k = x.kernels().mixing(streams.dtype());
    Tensor ones = n.ones(x, streams.dtype());
    var coefficients = ones.data();
    var source = from.data();
    var target = streams.data();
    x.parallel(
        n.blocks(),
        (lo, hi, w) ->
            k.streamReadVjp(
                null,
                coefficients,
                source,
                null,
                null,
                target,
                accumulate,
                n.d(),
                n.width(),
                n.tokens(),
                lo,
                hi));
    Execution.release(ones);
  }

  /** The sum of the streams. */
  static void gather(Execution x, Tensor streams, Cotangents.Target to) {
    Tensor sum = to.accumulate() ? x.allocate(to.tensor().spec()) : to.tensor();
    var n = StreamShapes.of("streamSum", streams.shape());
    var k = x.kernels().mixing(streams.dtype());
    Tensor ones = n.ones(x, streams.dtype());
    var coefficients = ones.data();
    var source = streams.data();
    var target = sum.data();
    x.parallel(
        n.blocks(),
        (lo, hi, w) ->
            k.streamRead(source, coefficients, target, n.d(), n.width(), n.tokens(), lo, hi));
    Execution.release(ones);
    if (to.accumulate()) {
      x.add(sum, 1, to.tensor());
      Execution.release(sum);
    }
  }
}
