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
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Causal self-attention of new positions on all earlier ones, for inference. Inputs: {@code qkv[b,
 * t, 3·c]} of the new positions, a cache, {@link #keysShape} and {@link #valuesShape}, and INT32
 * {@code start[1]}, how many positions the cache holds; the new keys and values are <em>written
 * into it</em> after those. Output {@code [b, t, c]}. What {@link CausalAttention} gives for all
 * positions at once, in another order of summation. The start is read when the work is done, so
 * that a recorded step can be run again for the next position.
 */
public record CachedAttention() implements KernelPrimitive {

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
    Check.inputs(name(), in, 4, 4);
    var dtype = Check.floating(name(), in.subList(0, 3));
    Check.int32(name(), in.get(3));
    Check.shape(name(), "start", in.get(3), Shape.of(1));
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
        qkv.size(1) <= values.size(2),
        name(),
        in,
        "more new positions than the cache has room for");
    if (recording) {
      throw noBackward();
    }
    return Plan.of(TensorSpec.of(qkv.with(2, qkv.size(2) / 3), dtype));
  }

  private DifferentiationException noBackward() {
    return new DifferentiationException(
        name() + " is for inference and has no backward pass; use causalAttention on a tape");
  }

  /** With an empty cache. */
  private CacheShape shape(Tensor qkv, Tensor values) {
    return new CacheShape(
        Check.intSize(name(), values.size(0)),
        Check.intSize(name(), values.size(1)),
        Check.intSize(name(), values.size(3)),
        Check.intSize(name(), values.size(2)),
        0,
        Check.intSize(name(), qkv.size(1)));
  }

  private void checkRoom(int start, CacheShape shape) {
    if (start < 0 || start > shape.capacity() - shape.time()) {
      throw new ShapeException(
          "cachedAttention: no room for "
              + shape.time()
              + " new positions after start = "
              + start
              + " in a cache of "
              + shape.capacity());
    }
  }

  private static int start(Operands o) {
    return o.in(3).data().get(ValueLayout.JAVA_INT, 0);
  }

  /** The new positions' products with the positions up to their own. */
  @Override
  public long flops(Operands o, boolean backward) {
    long time = o.out(0).size(1);
    return 2 * o.out(0).count() * (2L * start(o) + time + 1);
  }

  /** The filled part of the cache. */
  @Override
  public long bytes(Operands o, boolean backward) {
    long filled = start(o) + o.out(0).size(1);
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
    var start = o.in(3).data();
    x.serial(() -> checkRoom(start.get(ValueLayout.JAVA_INT, 0), shape));
    long perBlock = 2L * shape.headSize() * shape.time() * shape.capacity();
    x.parallel(
        Partition.rows(shape.blocks(), perBlock),
        (lo, hi, w) -> {
          CacheShape now = shape.after(start.get(ValueLayout.JAVA_INT, 0));
          k.attendCached(
              now, qkv, keys, values, out, x.team().scratch(w, bytes), (int) lo, (int) hi);
        });
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    throw noBackward();
  }
}
