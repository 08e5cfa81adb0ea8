package birkhoff.engine.op.fused;

import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.Attention.CacheShape;
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

/**
 * Causal self-attention of new positions on all earlier ones, for inference. Inputs: {@code qkv[b,
 * t, 3·c]} of the new positions and a cache, {@link #keysShape} and {@link #valuesShape}, whose
 * first {@code start} positions are filled; the new keys and values are <em>written into it</em>.
 * Output {@code [b, t, c]}. What {@link CausalAttention} gives for all positions at once, in
 * another order of summation.
 *
 * @param start positions that the cache holds already
 */
public record CachedAttention(int start) implements KernelPrimitive {
  public CachedAttention {
    if (start < 0) {
      throw new ShapeException("cachedAttention: start = " + start + " is negative");
    }
  }

  /** Shape of the cached keys, tiles of them transposed. */
  public static Shape keysShape(long batch, int heads, int capacity, int headSize) {
    return Shape.of(batch, heads, CacheShape.tiles(capacity), headSize, CacheShape.TILE);
  }

  /** Shape of the cached values. */
  public static Shape valuesShape(long batch, int heads, int capacity, int headSize) {
    return Shape.of(batch, heads, capacity, headSize);
  }

  @Override
  public String name() {
    return "cachedAttention";
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 3, 3);
    var dtype = Check.floating(name(), in);
    Shape qkv = in.get(0).shape();
    Shape values = in.get(2).shape();
    Check.that(
        qkv.rank() == 3 && values.rank() == 4, name(), in, "expected [b, t, 3·c], keys, values");
    Check.that(
        qkv.size(0) == values.size(0) && qkv.size(2) == 3 * values.size(1) * values.size(3),
        name(),
        in,
        "qkv and the cache differ in batch or width");
    Shape keys =
        keysShape(values.size(0), (int) values.size(1), (int) values.size(2), (int) values.size(3));
    Check.shape(name(), "keys", in.get(1), keys);
    Check.that(
        start + qkv.size(1) <= values.size(2),
        name(),
        in,
        "no room for the new positions after the " + start + " in the cache");
    if (recording) {
      throw noBackward();
    }
    return Plan.of(TensorSpec.of(qkv.with(2, qkv.size(2) / 3), dtype));
  }

  private DifferentiationException noBackward() {
    return new DifferentiationException(
        name() + " is for inference and has no backward pass; use causalAttention on a tape");
  }

  private CacheShape shape(Tensor qkv, Tensor values) {
    return new CacheShape(
        Check.intSize(name(), values.size(0)),
        Check.intSize(name(), values.size(1)),
        Check.intSize(name(), values.size(3)),
        Check.intSize(name(), values.size(2)),
        start,
        Check.intSize(name(), qkv.size(1)));
  }

  /** The new positions' products with the positions up to their own. */
  @Override
  public long flops(Operands o, boolean backward) {
    long time = o.out(0).size(1);
    return 2 * o.out(0).count() * (2L * start + time + 1);
  }

  /** The filled part of the cache. */
  @Override
  public long bytes(Operands o, boolean backward) {
    long filled = start + o.out(0).size(1);
    long perPosition = o.in(2).spec().bytes() / Math.max(1, o.in(2).size(2));
    return 2 * filled * perPosition + o.in(0).spec().bytes() + o.out(0).spec().bytes();
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().attention(o.in(0).dtype());
    var shape = shape(o.in(0), o.in(2));
    long bytes = k.scratchBytes(shape);
    var qkv = o.in(0).data();
    var keys = o.in(1).data();
    var values = o.in(2).data();
    var out = o.out(0).data();
    long perBlock = 2L * shape.headSize() * shape.time() * (start + shape.time());
    x.parallel(
        Partition.rows(shape.blocks(), perBlock),
        (lo, hi, w) ->
            k.attendCached(
                shape, qkv, keys, values, out, x.team().scratch(w, bytes), (int) lo, (int) hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    throw noBackward();
  }
}
