package birkhoff.engine.op;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.op.elementwise.Binary;
import birkhoff.engine.op.elementwise.Scale;
import birkhoff.engine.op.elementwise.Unary;
import birkhoff.engine.op.fused.AddLayerNorm;
import birkhoff.engine.op.fused.CachedAttention;
import birkhoff.engine.op.fused.CausalAttention;
import birkhoff.engine.op.fused.CrossEntropy;
import birkhoff.engine.op.fused.Dropout;
import birkhoff.engine.op.fused.LayerNorm;
import birkhoff.engine.op.fused.LinearCrossEntropy;
import birkhoff.engine.op.fused.LogSoftmax;
import birkhoff.engine.op.fused.RmsNorm;
import birkhoff.engine.op.fused.Softmax;
import birkhoff.engine.op.index.Embedding;
import birkhoff.engine.op.index.TokenPositionEmbedding;
import birkhoff.engine.op.linalg.Linear;
import birkhoff.engine.op.linalg.LinearUnary;
import birkhoff.engine.op.linalg.MatMul;
import birkhoff.engine.op.linalg.WideningLinear;
import birkhoff.engine.op.mixed.MixedAddLayerNorm;
import birkhoff.engine.op.mixed.MixedAttention;
import birkhoff.engine.op.mixed.MixedLayerNorm;
import birkhoff.engine.op.mixed.MixedLinear;
import birkhoff.engine.op.mixed.MixedLinearCrossEntropy;
import birkhoff.engine.op.mixed.MixedUnary;
import birkhoff.engine.op.reduce.Sum;
import birkhoff.engine.op.shape.BroadcastTo;
import birkhoff.engine.op.shape.Contiguous;
import birkhoff.engine.op.shape.Reshape;
import birkhoff.engine.op.shape.Slice;
import birkhoff.engine.op.shape.Transpose;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.primitive.Recorder;
import birkhoff.engine.primitive.ViewPrimitive;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * The operations that users call. Results live in the workspace of the execution. With a recorder
 * (from a tape) every application is noted for the backward pass; without one this is inference.
 *
 * <p>Refusals are {@link birkhoff.engine.error.ShapeException} and {@link
 * birkhoff.engine.error.DTypeException} and name the operation and its inputs. Not thread-safe: one
 * thread runs a step, the thread team works inside each operation.
 */
public final class Ops {
  private static final Tensor[] NONE = new Tensor[0];

  private final Execution execution;
  private final Recorder recorder;

  /**
   * @param recorder null for inference
   */
  public Ops(Execution execution, Recorder recorder) {
    this.execution = execution;
    this.recorder = recorder;
  }

  public Execution execution() {
    return execution;
  }

  /** Who notes what is applied; null for inference. */
  public Recorder recorder() {
    return recorder;
  }

  /** Applies any primitive, built in or custom, and returns its outputs. */
  public Tensor[] apply(Primitive primitive, Tensor... inputs) {
    for (int i = 0; i < inputs.length; i++) {
      Objects.requireNonNull(inputs[i], primitive.name() + ": input " + i + " is null");
      inputs[i].requireLive(primitive.name());
      requireOwn(primitive, inputs[i]);
    }
    return switch (primitive) {
      case ViewPrimitive v -> view(v, inputs);
      case KernelPrimitive k -> compute(k, inputs);
    };
  }

  private void requireOwn(Primitive primitive, Tensor input) {
    MemoryLedger owner = input.lifetime().owner();
    if (owner != null && owner != execution.workspace().ledger()) {
      throw new StaleTensorException(
          primitive.name()
              + ": tensor "
              + input.spec()
              + " belongs to another engine, which may close it; copy its numbers into one of this"
              + " engine");
    }
  }

  /**
   * Says that the program will not use results again: their memory is given back at once, unless
   * the backward pass reads them and cannot work them out again cheaply. They, and views of them,
   * must not be used afterwards. Never wrong to leave out.
   */
  public void forget(Tensor... results) {
    for (Tensor t : results) {
      if (recorder == null) {
        Execution.release(t);
      } else {
        recorder.forget(t);
      }
    }
  }

  private Tensor[] view(ViewPrimitive p, Tensor[] in) {
    Check.inputs(p.name(), Arrays.stream(in).map(Tensor::spec).toList(), 1, 1);
    var o = new Operands(in, new Tensor[] {p.view(in[0])}, NONE);
    if (tracks(p, in)) {
      recorder.record(p, o);
    }
    return o.out();
  }

  private Tensor[] compute(KernelPrimitive p, Tensor[] given) {
    // Refusals come first, so that they name this operation and not the copy before it.
    boolean record = tracks(p, given);
    Plan plan = p.plan(Arrays.stream(given).map(Tensor::spec).toList(), record);
    Tensor[] in = p.takesStrided() ? given : allContiguous(given);
    var o = new Operands(in, allocate(plan.out()), allocate(plan.saved()));
    execution.observed(p, o, false, () -> p.forward(execution, o));
    if (record) {
      recorder.record(p, o);
    } else {
      for (Tensor t : o.saved()) {
        Execution.release(t);
      }
    }
    return o.out();
  }

  private boolean tracks(Primitive p, Tensor[] in) {
    return recorder != null && recorder.tracks(p, in);
  }

  private Tensor[] allContiguous(Tensor[] given) {
    Tensor[] in = given.clone();
    for (int i = 0; i < in.length; i++) {
      in[i] = contiguous(in[i]);
    }
    return in;
  }

  private Tensor[] allocate(List<TensorSpec> specs) {
    return specs.stream().map(execution::allocate).toArray(Tensor[]::new);
  }

  private Tensor one(Primitive p, Tensor... in) {
    return apply(p, in)[0];
  }

  // ---- elementwise

  /** Of bfloat16, a bfloat16. */
  public Tensor unary(UnaryOp op, Tensor x) {
    return one(x.dtype() == DType.BFLOAT16 ? new MixedUnary(op) : new Unary(op), x);
  }

  public Tensor neg(Tensor x) {
    return unary(UnaryOp.NEG, x);
  }

  public Tensor exp(Tensor x) {
    return unary(UnaryOp.EXP, x);
  }

  public Tensor log(Tensor x) {
    return unary(UnaryOp.LOG, x);
  }

  public Tensor tanh(Tensor x) {
    return unary(UnaryOp.TANH, x);
  }

  public Tensor sigmoid(Tensor x) {
    return unary(UnaryOp.SIGMOID, x);
  }

  public Tensor relu(Tensor x) {
    return unary(UnaryOp.RELU, x);
  }

  public Tensor square(Tensor x) {
    return unary(UnaryOp.SQUARE, x);
  }

  public Tensor sqrt(Tensor x) {
    return unary(UnaryOp.SQRT, x);
  }

  /** Exact GELU, {@code x·Φ(x)}. */
  public Tensor gelu(Tensor x) {
    return unary(UnaryOp.GELU_ERF, x);
  }

  /** GPT-2's tanh approximation of GELU. */
  public Tensor geluTanh(Tensor x) {
    return unary(UnaryOp.GELU_TANH, x);
  }

  public Tensor binary(BinaryOp op, Tensor a, Tensor b) {
    return one(new Binary(op), a, b);
  }

  public Tensor add(Tensor a, Tensor b) {
    return binary(BinaryOp.ADD, a, b);
  }

  public Tensor sub(Tensor a, Tensor b) {
    return binary(BinaryOp.SUB, a, b);
  }

  public Tensor mul(Tensor a, Tensor b) {
    return binary(BinaryOp.MUL, a, b);
  }

  public Tensor div(Tensor a, Tensor b) {
    return binary(BinaryOp.DIV, a, b);
  }

  /** {@code alpha·x} with a constant. */
  public Tensor scale(Tensor x, double alpha) {
    return one(new Scale(alpha), x);
  }

  /** Zeroes elements with probability p, a function of key and index; p = 0 is the identity. */
  public Tensor dropout(Tensor x, double p, long key) {
    return dropout(x, p, () -> key);
  }

  /** The same; the key is asked for whenever the mask is made, forward and backward. */
  public Tensor dropout(Tensor x, double p, LongSupplier key) {
    return p == 0 ? x : one(new Dropout(p, key), x);
  }

  // ---- reductions

  /** Sum over the given dimensions (all when none is given), which disappear. */
  public Tensor sum(Tensor x, int... axes) {
    return one(new Sum(Arrays.stream(axes).boxed().toList()), x);
  }

  /** Mean over the given dimensions (all when none is given), which disappear. */
  public Tensor mean(Tensor x, int... axes) {
    Tensor s = sum(x, axes);
    return scale(s, (double) s.count() / x.count());
  }

  // ---- shape

  public Tensor reshape(Tensor x, long... sizes) {
    return one(new Reshape(Shape.of(sizes)), x);
  }

  public Tensor transpose(Tensor x, int a, int b) {
    return one(new Transpose(a, b), x);
  }

  /** Elements {@code [from, to)} of one dimension. */
  public Tensor slice(Tensor x, int axis, long from, long to) {
    return one(new Slice(axis, from, to), x);
  }

  public Tensor broadcastTo(Tensor x, long... sizes) {
    return one(new BroadcastTo(Shape.of(sizes)), x);
  }

  /** x itself when its elements lie row-major without gaps, else a copy that does. */
  public Tensor contiguous(Tensor x) {
    return x.isContiguous() ? x : one(new Contiguous(), x);
  }

  // ---- linear algebra

  /** {@code […, m, k]·[…, k, n]}, leading dimensions broadcast. */
  public Tensor matmul(Tensor a, Tensor b) {
    return one(new MatMul(), a, b);
  }

  /** {@code x[…, in]·W[out, in]ᵀ + b}; the bias may be null, the weight may be in bfloat16. */
  public Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    Primitive p = weight.dtype() == DType.BFLOAT16 ? new WideningLinear() : new Linear();
    return bias == null ? one(p, x, weight) : one(p, x, weight, bias);
  }

  /**
   * {@code f(x·Wᵀ + b)} in one operation; the bias may be null.
   *
   * @param f whose derivative reads its input
   */
  public Tensor linearUnary(UnaryOp f, Tensor x, Tensor weight, Tensor bias) {
    var linear = new LinearUnary(f);
    return bias == null ? one(linear, x, weight) : one(linear, x, weight, bias);
  }

  // ---- look-ups

  /** {@code table[ids]}. */
  public Tensor embedding(Tensor table, Tensor ids) {
    return one(new Embedding(), table, ids);
  }

  /** {@code tokens[ids[b, t]] + positions[t]}; the tokens' table may be in bfloat16. */
  public Tensor tokenPositionEmbedding(Tensor tokens, Tensor ids, Tensor positions) {
    return one(new TokenPositionEmbedding(), tokens, ids, positions);
  }

  // ---- normalizations, attention, losses

  /** Layer norm of the last dimension; beta, or both gamma and beta, may be null. */
  public Tensor layerNorm(Tensor x, Tensor gamma, Tensor beta, double eps) {
    return one(new LayerNorm(eps), withParameters(gamma, beta, x));
  }

  /**
   * {@code {layerNorm(x + branch), x + branch}} in one pass; parameters as in {@link #layerNorm}.
   */
  public Tensor[] addLayerNorm(Tensor x, Tensor branch, Tensor gamma, Tensor beta, double eps) {
    return apply(new AddLayerNorm(eps), withParameters(gamma, beta, x, branch));
  }

  private static Tensor[] withParameters(Tensor gamma, Tensor beta, Tensor... x) {
    if (gamma == null && beta != null) {
      throw new ShapeException("layerNorm: beta " + beta.spec() + " without gamma; give ones");
    }
    int extra = gamma == null ? 0 : beta == null ? 1 : 2;
    Tensor[] in = Arrays.copyOf(x, x.length + extra);
    if (extra > 0) {
      in[x.length] = gamma;
    }
    if (extra > 1) {
      in[x.length + 1] = beta;
    }
    return in;
  }

  /** RMS norm of the last dimension; gamma may be null. */
  public Tensor rmsNorm(Tensor x, Tensor gamma, double eps) {
    return one(new RmsNorm(eps), withParameters(gamma, null, x));
  }

  /** Softmax of the last dimension. */
  public Tensor softmax(Tensor x) {
    return one(new Softmax(), x);
  }

  /** Logarithm of the softmax of the last dimension. */
  public Tensor logSoftmax(Tensor x) {
    return one(new LogSoftmax(), x);
  }

  /** Causal self-attention on fused {@code qkv[b, t, 3c]}; of bfloat16, a bfloat16. */
  public Tensor causalAttention(Tensor qkv, int heads, double dropout, long key) {
    return causalAttention(qkv, heads, dropout, () -> key);
  }

  /** The same; the key is asked for whenever the mask is made, forward and backward. */
  public Tensor causalAttention(Tensor qkv, int heads, double dropout, LongSupplier key) {
    return one(
        qkv.dtype() == DType.BFLOAT16
            ? new MixedAttention(heads, dropout, key)
            : new CausalAttention(heads, dropout, key),
        qkv);
  }

  /**
   * Causal self-attention of new positions, whose keys and values are written into the cache, on
   * themselves and the INT32 {@code start[1]} positions in it; for inference. See {@link
   * CachedAttention}.
   */
  public Tensor cachedAttention(Tensor qkv, Tensor keys, Tensor values, Tensor start) {
    return one(new CachedAttention(), qkv, keys, values, start);
  }

  /** Mean cross-entropy in nats of {@code logits[n, vocab]}. */
  public Tensor crossEntropy(Tensor logits, Tensor targets) {
    return one(new CrossEntropy(), logits, targets);
  }

  /** Mean cross-entropy of {@code h[n, c]·W[vocab, c]ᵀ} without holding all logits. */
  public Tensor linearCrossEntropy(Tensor h, Tensor weight, Tensor targets) {
    return one(new LinearCrossEntropy(), h, weight, targets);
  }

  // ---- mixed precision: products read bfloat16, everything else is float32

  /**
   * {@code x[…, in]·W[out, in]ᵀ + b} of bfloat16 x; the bias may be null.
   *
   * @param shadow the weight's bfloat16 copy, which is read; the weight itself gets the gradient
   * @param result FLOAT32 or BFLOAT16
   */
  public Tensor mixedLinear(Tensor x, Tensor weight, Tensor shadow, Tensor bias, DType result) {
    var linear = new MixedLinear(result);
    return bias == null ? one(linear, x, weight, shadow) : one(linear, x, weight, shadow, bias);
  }

  /** {@link #layerNorm} with a bfloat16 result. */
  public Tensor mixedLayerNorm(Tensor x, Tensor gamma, Tensor beta, double eps) {
    return one(new MixedLayerNorm(eps), withParameters(gamma, beta, x));
  }

  /** {@link #addLayerNorm} whose first result is bfloat16. */
  public Tensor[] mixedAddLayerNorm(
      Tensor x, Tensor branch, Tensor gamma, Tensor beta, double eps) {
    return apply(new MixedAddLayerNorm(eps), withParameters(gamma, beta, x, branch));
  }

  /**
   * {@link #linearCrossEntropy} of float32 h with bfloat16 products; as in {@link #mixedLinear}.
   */
  public Tensor mixedLinearCrossEntropy(Tensor h, Tensor weight, Tensor shadow, Tensor targets) {
    return one(new MixedLinearCrossEntropy(), h, weight, shadow, targets);
  }
}
