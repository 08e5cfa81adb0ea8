package birkhoff.engine.op.mixed;

import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.op.fused.CausalAttention;
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
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * {@link CausalAttention} with a bfloat16 projection and a bfloat16 result; the products inside are
 * float32. One sequence at a time is widened, so that float32 exists in the cache only.
 *
 * @param heads a divisor of c
 * @param dropout probability on the attention weights
 * @param key of the dropout masks, asked for whenever a mask is made; sequence b takes key + b
 */
public record MixedAttention(int heads, double dropout, LongSupplier key)
    implements KernelPrimitive {
  public MixedAttention {
    new CausalAttention(heads, dropout, key);
  }

  @Override
  public String name() {
    return "mixedAttention";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    Mixed.dtype(name(), in, 0, DType.BFLOAT16);
    TensorSpec wide = TensorSpec.of(in.getFirst().shape(), DType.FLOAT32);
    Plan plan = new CausalAttention(heads, dropout, key).plan(List.of(wide), recording);
    return new Plan(List.of(Mixed.narrow(plan.out().getFirst())), plan.saved());
  }

  /** One sequence, without its key. */
  private AttentionShape shape(Tensor qkv) {
    int time = Check.intSize(name(), qkv.size(1));
    int size = Check.intSize(name(), qkv.size(2) / 3) / heads;
    return new AttentionShape(1, time, heads, size, dropout, 0);
  }

  /** A recorded step runs its jobs again under other keys. */
  private AttentionShape keyed(AttentionShape s, int sequence) {
    return dropout == 0
        ? s
        : new AttentionShape(1, s.time(), heads, s.headSize(), dropout, key.getAsLong() + sequence);
  }

  @Override
  public long flops(Operands o, boolean backward) {
    return new CausalAttention(heads, dropout, key).flops(o, backward);
  }

  @Override
  public void forward(Execution x, Operands o) {
    int batch = Check.intSize(name(), o.in(0).size(0));
    if (batch == 0) {
      return;
    }
    AttentionShape shape = shape(o.in(0));
    var k = x.kernels().attention(DType.FLOAT32);
    var mixed = x.kernels().bfloat16(DType.FLOAT32);
    long bytes = k.scratchBytes(shape);
    long n = o.out(0).count() / batch;
    var qkv = o.in(0).data();
    var y = o.out(0).data();
    MemorySegment[] lse = sequences(o.saved(0), batch);
    Tensor[] wideIn = Mixed.perWorker(x, 3 * n);
    Tensor[] wideOut = Mixed.perWorker(x, n);
    MemorySegment[] in = Mixed.data(wideIn);
    MemorySegment[] out = Mixed.data(wideOut);
    x.team()
        .run(
            batch,
            (b, w) -> {
              mixed.widen(qkv, 3 * n * b, in[w], 0, 3 * n);
              MemorySegment scratch = x.team().scratch(w, bytes);
              k.forward(keyed(shape, b), in[w], out[w], lse[b], scratch, 0, heads);
              mixed.narrow(out[w], 0, y, b * n, n);
            });
    Mixed.release(wideIn);
    Mixed.release(wideOut);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    int batch = Check.intSize(name(), o.in(0).size(0));
    Tensor gqkv = x.allocate(o.in(0).spec());
    if (batch > 0) {
      backward(x, o, g.of(0), gqkv, batch);
    }
    g.give(0, gqkv);
  }

  private void backward(Execution x, Operands o, Tensor gradient, Tensor gqkv, int batch) {
    AttentionShape shape = shape(o.in(0));
    var k = x.kernels().attention(DType.FLOAT32);
    var mixed = x.kernels().bfloat16(DType.FLOAT32);
    long bytes = k.scratchBytes(shape);
    long n = o.out(0).count() / batch;
    var qkv = o.in(0).data();
    var gy = gradient.data();
    var result = gqkv.data();
    MemorySegment[] lse = sequences(o.saved(0), batch);
    Tensor[] wideIn = Mixed.perWorker(x, 3 * n);
    Tensor[] wideOut = Mixed.perWorker(x, n);
    Tensor[] wideGradient = Mixed.perWorker(x, 3 * n);
    MemorySegment[] in = Mixed.data(wideIn);
    MemorySegment[] gout = Mixed.data(wideOut);
    MemorySegment[] gin = Mixed.data(wideGradient);
    x.team()
        .run(
            batch,
            (b, w) -> {
              mixed.widen(qkv, 3 * n * b, in[w], 0, 3 * n);
              mixed.widen(gy, b * n, gout[w], 0, n);
              MemorySegment scratch = x.team().scratch(w, bytes);
              k.backward(keyed(shape, b), in[w], lse[b], gout[w], gin[w], scratch, 0, heads);
              mixed.narrow(gin[w], 0, result, 3 * n * b, 3 * n);
            });
    Mixed.release(wideIn);
    Mixed.release(wideOut);
    Mixed.release(wideGradient);
  }

  private static MemorySegment[] sequences(Tensor t, int batch) {
    return Mixed.rows(t, new Partition(batch, 1), t.count() / batch);
  }
}
