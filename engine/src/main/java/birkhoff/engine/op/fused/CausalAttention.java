package birkhoff.engine.op.fused;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.Attention.AttentionShape;
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
import java.util.function.LongSupplier;

/**
 * Causal multi-head self-attention on the fused projection {@code qkv[b, t, 3·c]}, giving {@code
 * [b, t, c]}. The attention matrix is never held whole (Dao et al., arXiv 2205.14135).
 *
 * @param heads a divisor of c
 * @param dropout probability on the attention weights
 * @param key of the dropout mask, asked for whenever the mask is made; must give the same key
 *     forward and backward
 */
public record CausalAttention(int heads, double dropout, LongSupplier key)
    implements KernelPrimitive {
  public CausalAttention {
    if (!(dropout >= 0 && dropout < 1)) {
      throw new ShapeException("causalAttention: dropout = " + dropout + " is outside [0, 1)");
    }
  }

  @Override
  public String name() {
    return "causalAttention";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 1, 1);
    var dtype = Check.floating(name(), in);
    Shape s = in.getFirst().shape();
    Check.that(s.rank() == 3, name(), in, "expected [b, t, 3·c]");
    Check.that(
        heads > 0 && s.size(2) > 0 && s.size(2) % (3L * heads) == 0,
        name(),
        in,
        "the last dimension must be three times a positive multiple of the " + heads + " heads");
    return Plan.of(
        TensorSpec.of(s.with(2, s.size(2) / 3), dtype),
        TensorSpec.of(Shape.of(s.size(0), heads, s.size(1)), dtype));
  }

  private AttentionShape shape(Tensor qkv) {
    int c = Check.intSize(name(), qkv.size(2) / 3);
    return new AttentionShape(
        Check.intSize(name(), qkv.size(0)),
        Check.intSize(name(), qkv.size(1)),
        heads,
        c / heads,
        dropout,
        0);
  }

  /** A shape with the key of the moment. */
  private static final class Keyed {
    private final LongSupplier key;
    // Any thread may exchange it for an equal one.
    private volatile AttentionShape last;

    Keyed(AttentionShape shape, LongSupplier key) {
      this.last = shape;
      this.key = key;
    }

    AttentionShape now() {
      AttentionShape shape = last;
      long wanted = shape.dropout() == 0 ? 0 : key.getAsLong();
      if (shape.key() != wanted) {
        shape = shape.withKey(wanted);
        last = shape;
      }
      return shape;
    }
  }

  /** Two products forward, five backward, over the pairs of a query and the keys up to it. */
  @Override
  public long flops(Operands o, boolean backward) {
    long time = o.out(0).size(1);
    return (backward ? 5 : 2) * o.out(0).count() * (time + 1);
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().attention(o.in(0).dtype());
    var shape = shape(o.in(0));
    long bytes = k.scratchBytes(shape);
    var qkv = o.in(0).data();
    var keyed = new Keyed(shape, key);
    var out = o.out(0).data();
    var lse = o.saved(0).data();
    x.team()
        .run(
            shape.blocks(),
            (b, w) -> k.forward(keyed.now(), qkv, out, lse, x.team().scratch(w, bytes), b, b + 1));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var k = x.kernels().attention(o.in(0).dtype());
    var shape = shape(o.in(0));
    long bytes = k.scratchBytes(shape);
    var qkv = o.in(0).data();
    var lse = o.saved(0).data();
    var keyed = new Keyed(shape, key);
    var gout = g.of(0).data();
    // The kernel overwrites; only this node usually reads qkv, so a fresh tensor is handed over.
    Tensor gqkv = x.allocate(o.in(0).spec());
    var memory = gqkv.data();
    x.team()
        .run(
            shape.blocks(),
            (b, w) ->
                k.backward(
                    keyed.now(), qkv, lse, gout, memory, x.team().scratch(w, bytes), b, b + 1));
    g.give(0, gqkv);
  }
}
