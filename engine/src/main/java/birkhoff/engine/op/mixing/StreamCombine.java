package birkhoff.engine.op.mixing;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * Weighted sums of streams, {@code u = Σ_j pre_j x_j}: streams {@code x[…, d, width]} and weights
 * {@code pre[d, tokens]} to {@code u[…, width]}. {@link StreamRead} makes the weights itself.
 */
public record StreamCombine() implements KernelPrimitive {
  @Override
  public String name() {
    return "streamCombine";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 2, 2);
    DType dtype = Check.floating(name(), in);
    Check.rank(name(), in.getFirst(), 2);
    Shape x = in.getFirst().shape();
    var n = StreamShapes.of(name(), x);
    Check.that(n.d() > 0, name(), in, "there must be a stream");
    Check.shape(name(), "pre", in.get(1), Shape.of(n.d(), n.tokens()));
    return Plan.of(TensorSpec.of(x.without(-2), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var n = StreamShapes.of(name(), o.in(0).shape());
    var k = x.kernels().mixing(o.in(0).dtype());
    var streams = o.in(0).data();
    var pre = o.in(1).data();
    var u = o.out(0).data();
    x.parallel(
        n.blocks(),
        (lo, hi, w) -> k.streamRead(streams, pre, u, n.d(), n.width(), n.tokens(), lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var n = StreamShapes.of(name(), o.in(0).shape());
    var k = x.kernels().mixing(o.in(0).dtype());
    var gu = g.of(0).data();
    if (g.wants(1)) {
      Tensor gradient = x.allocate(o.in(1).spec());
      var streams = o.in(0).data();
      var gpre = gradient.data();
      x.parallel(
          n.blocks(),
          (lo, hi, w) ->
              k.streamReadGates(streams, gu, gpre, n.d(), n.width(), n.tokens(), lo, hi));
      g.give(1, gradient);
    }
    if (g.wants(0)) {
      Cotangents.Target t = g.into(0);
      var pre = o.in(1).data();
      var gx = t.tensor().data();
      boolean accumulate = t.accumulate();
      x.parallel(
          n.blocks(),
          (lo, hi, w) ->
              k.streamReadVjp(
                  null, pre, gu, null, null, gx, accumulate, n.d(), n.width(), n.tokens(), lo, hi));
    }
  }
}
