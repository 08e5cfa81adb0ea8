package birkhoff.engine.op.mixed;

import birkhoff.engine.op.fused.LinearCrossEntropy;
import birkhoff.engine.op.index.Ids;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cell;
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
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * {@link LinearCrossEntropy} whose products are bfloat16. Inputs: float32 {@code h[n, c]}; the
 * weight {@code W[vocab, c]}, float32, which gets the gradient and is not read; its bfloat16 copy;
 * INT32 targets. Logits and their gradients are held in bfloat16, a chunk of rows at a time; the
 * softmax and the loss are float32.
 */
public record MixedLinearCrossEntropy() implements KernelPrimitive {
  private static final int WEIGHT = 1;
  private static final int SHADOW = 2;
  private static final int TARGETS = 3;

  /** Elements of logits held at once: 64 MiB of bfloat16. */
  private static final long CHUNK_ELEMENTS = 1L << 25;

  private static final long ROW_MULTIPLE = 64;

  @Override
  public String name() {
    return "mixedLinearCrossEntropy";
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
    Check.inputs(name(), in, 4, 4);
    Mixed.shadow(name(), in, WEIGHT, SHADOW);
    List<TensorSpec> wide = List.of(in.get(0), in.get(WEIGHT), in.get(TARGETS));
    return LinearCrossEntropy.plan(name(), wide, recording);
  }

  private static long chunkRows(long rows, long vocab) {
    long most = Math.max(ROW_MULTIPLE, CHUNK_ELEMENTS / vocab / ROW_MULTIPLE * ROW_MULTIPLE);
    long chunks = Math.ceilDiv(rows, most);
    return Math.min(rows, Math.ceilDiv(Math.ceilDiv(rows, chunks), ROW_MULTIPLE) * ROW_MULTIPLE);
  }

  @Override
  public void forward(Execution x, Operands o) {
    Tensor shadow = o.in(SHADOW);
    Tensor targets = o.in(TARGETS);
    long n = o.in(0).size(0);
    long vocab = shadow.size(0);
    Ids.check(x, name(), targets, vocab);
    boolean gradient = o.saved().length > 0;
    long step = chunkRows(n, vocab);
    Tensor h = Mixed.narrowed(x, o.in(0));
    Tensor losses = x.allocate(TensorSpec.of(Shape.of(n), DType.FLOAT32));
    Tensor buffer = x.allocate(TensorSpec.of(Shape.of(step, vocab), DType.BFLOAT16));
    for (long lo = 0; lo < n; lo += step) {
      long hi = Math.min(n, lo + step);
      Tensor part = h.slice(0, lo, hi);
      Tensor logits = buffer.slice(0, 0, hi - lo);
      Mixed.multiply(x, false, part, true, shadow, null, false, logits);
      losses(x, logits, targets.slice(0, lo, hi), losses.slice(0, lo, hi), gradient, 1.0 / n);
      if (gradient) {
        Tensor gh = o.saved(0).slice(0, lo, hi);
        Mixed.multiply(x, false, logits, false, shadow, null, false, gh);
        Mixed.multiply(x, true, logits, false, part, null, lo > 0, o.saved(1));
      }
    }
    Cell loss = Cell.of(o.out(0));
    Sums.all(x, losses, total -> loss.set(total / n));
    Execution.release(buffer);
    Execution.release(losses);
    Mixed.free(o.in(0), h);
  }

  /** The float32 kernel on rows that are widened into the cache and rounded back. */
  private static void losses(
      Execution x, Tensor logits, Tensor targets, Tensor losses, boolean gradient, double scale) {
    int vocab = Check.intSize("linearCrossEntropy", logits.size(1));
    Partition p = Partition.rows(logits.size(0), vocab);
    var k = x.kernels().loss(DType.FLOAT32);
    var mixed = x.kernels().bfloat16(DType.FLOAT32);
    var memory = logits.data();
    MemorySegment[] ids = Mixed.rows(targets, p, 1);
    MemorySegment[] out = Mixed.rows(losses, p, 1);
    Tensor[] wide = Mixed.perWorker(x, p.grain() * vocab);
    MemorySegment[] scratch = Mixed.data(wide);
    x.team()
        .run(
            p.blocks(),
            (b, w) -> {
              long n = p.hi(b) - p.lo(b);
              mixed.widen(memory, p.lo(b) * vocab, scratch[w], 0, n * vocab);
              k.crossEntropy(scratch[w], vocab, ids[b], out[b], gradient, scale, 0, n);
              if (gradient) {
                mixed.narrow(scratch[w], 0, memory, p.lo(b) * vocab, n * vocab);
              }
            });
    Mixed.release(wide);
  }

  /** The forward half computes both gradients too when it records. */
  @Override
  public long flops(Operands o, boolean backward) {
    return new LinearCrossEntropy().flops(o, backward);
  }

  /** As for its float32 twin: backward moves nothing as a rule. */
  @Override
  public long bytes(Operands o, boolean backward) {
    return backward ? 0 : KernelPrimitive.super.bytes(o, false);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    new LinearCrossEntropy().vjp(x, o, g);
  }
}
