package birkhoff.engine.op.mixing;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Matrices that mix residual streams: {@code z[P, tokens]} to {@code h[d·d, tokens]}, one matrix
 * per token, row-major with the output stream first. {@link MixerShape} lists the maps. What a map
 * found on its way is kept for the backward pass while it fits in the caches; more of it is worked
 * out again.
 */
public record MixerMap(MixerShape shape) implements KernelPrimitive {
  private static final long MOST_KEPT = 4L << 20;

  @Override
  public String name() {
    return shape.name();
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    var dtype = Check.floating(name(), in);
    Shape z = in.getFirst().shape();
    boolean fits = z.rank() == 2 && z.size(0) == shape.parameters();
    Check.that(fits, name(), in, "z must be [" + shape.parameters() + ", tokens]");
    long entries = (long) shape.d() * shape.d();
    TensorSpec h = TensorSpec.of(Shape.of(entries, z.size(1)), dtype);
    long kept = recording ? shape.kept(z.size(1)) : 0;
    return kept == 0 || kept * Float.BYTES > MOST_KEPT
        ? Plan.of(h)
        : Plan.of(h, TensorSpec.of(Shape.of(kept), DType.FLOAT32));
  }

  private static MemorySegment kept(Operands o) {
    return o.saved().length == 0 ? null : o.saved(0).data();
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().mixers(o.in(0).dtype());
    long tokens = o.in(0).size(1);
    var z = o.in(0).data();
    var h = o.out(0).data();
    var kept = kept(o);
    long scratch = k.scratchBytes(shape);
    x.parallel(
        StreamShapes.blocks(tokens),
        (lo, hi, w) -> k.mix(shape, z, h, kept, x.team().scratch(w, scratch), tokens, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    if (!g.wants(0)) {
      return;
    }
    var k = x.kernels().mixers(o.in(0).dtype());
    long tokens = o.in(0).size(1);
    var gradient = x.allocate(o.in(0).spec());
    var z = o.in(0).data();
    var gh = g.of(0).data();
    var gz = gradient.data();
    var kept = kept(o);
    long scratch = k.scratchBytes(shape);
    x.parallel(
        StreamShapes.blocks(tokens),
        (lo, hi, w) ->
            k.mixVjp(shape, z, gh, gz, kept, x.team().scratch(w, scratch), tokens, lo, hi));
    g.give(0, gradient);
  }
}
