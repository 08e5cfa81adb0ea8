package birkhoff.engine.op.mixing;

import birkhoff.engine.kernel.Mixing.GateShape;
import birkhoff.engine.op.linalg.Products;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
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
 * The dynamic maps of hyper-connections and the sublayer's input, equations (2)–(4) and the
 * argument of (8) of arXiv 2604.02309. Inputs: streams {@code x[…, d, width]}, {@code
 * generator[2d+P, d·width]}, {@code gate[3]}, {@code bias[2d+P]} and optionally {@code
 * rrms[tokens]}. Outputs: the weighted sum of the streams {@code u[…, width]}, the write gates
 * {@code post[d, tokens]} and the mixer's numbers {@code z[P, tokens]}.
 *
 * <p>The generator multiplies un-normalized streams; the root mean square, one number per token,
 * divides afterwards. {@code rrms} must be {@code 1/√(mean(x²) + eps)} of these very streams, as
 * {@link StreamWrite} leaves it: given, it saves a pass. It counts as part of x, so that all of the
 * gradient goes to x and none to it.
 */
public record StreamRead(double eps) implements KernelPrimitive {
  private static final int BIAS = 3;
  private static final int RRMS = 4;
  private static final int POST = 1;

  /** From this many tokens on there are blocks enough to multiply a block where it is read. */
  private static final long BLOCKED = 128;

  @Override
  public String name() {
    return "streamRead";
  }

  @Override
  public boolean readsInput(int input) {
    return input != BIAS;
  }

  @Override
  public boolean readsOutput(int output) {
    return output == POST;
  }

  @Override
  public boolean restores(int output) {
    return output == 0;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, RRMS, RRMS + 1);
    DType dtype = Check.floating(name(), in);
    Check.rank(name(), in.getFirst(), 2);
    Shape x = in.getFirst().shape();
    var n = StreamShapes.of(name(), x);
    Shape generator = in.get(1).shape();
    boolean fits =
        n.d() > 0
            && generator.rank() == 2
            && generator.size(0) >= 2L * n.d()
            && generator.size(1) == (long) n.d() * n.width();
    Check.that(fits, name(), in, "the generator must be [2d + P, d·width]");
    Check.shape(name(), "gate", in.get(2), Shape.of(3));
    Check.shape(name(), "bias", in.get(3), Shape.of(generator.size(0)));
    if (in.size() > RRMS) {
      Check.shape(name(), "rrms", in.get(RRMS), Shape.of(n.tokens()));
    }
    long mixer = generator.size(0) - 2L * n.d();
    var u = TensorSpec.of(x.without(-2), dtype);
    return new Plan(
        List.of(u, n.perToken(n.d(), dtype), n.perToken(mixer, dtype)),
        List.of(
            n.perToken(generator.size(0), dtype),
            n.perToken(n.d(), dtype),
            TensorSpec.of(Shape.of(in.size() > RRMS ? 0 : n.tokens()), dtype)));
  }

  private static GateShape gates(Operands o, StreamShapes n) {
    return new GateShape(n.d(), Check.intSize("streamRead", o.in(1).size(0) - 2L * n.d()));
  }

  private static Tensor rrms(Operands o) {
    return o.in().length > RRMS ? o.in(RRMS) : o.saved(2);
  }

  @Override
  public void forward(Execution x, Operands o) {
    Tensor in = o.in(0);
    var n = StreamShapes.of(name(), in.shape());
    var shape = gates(o, n);
    var k = x.kernels().mixing(in.dtype());
    var streams = in.data();
    var rrms = rrms(o).data();
    var norm = o.in().length == RRMS ? x.kernels().normalization(in.dtype()) : null;
    int inner = Check.intSize(name(), (long) n.d() * n.width());
    boolean blocked = n.tokens() >= BLOCKED;
    if (!blocked) {
      Products.multiply(x, o.in(1), n.matrix(in).t(), o.saved(0), false);
    }
    var generator = o.in(1).data();
    var raw = o.saved(0).data();
    var gate = o.in(2).data();
    var bias = o.in(3).data();
    var pre = o.saved(1).data();
    var u = o.out(0).data();
    var post = o.out(1).data();
    var z = o.out(2).data();
    x.parallel(
        n.blocks(),
        (lo, hi, w) -> {
          if (norm != null) {
            norm.rmsNorm(streams, null, null, rrms, inner, eps, lo, hi);
          }
          if (blocked) {
            k.generate(streams, generator, raw, shape.rows(), inner, n.tokens(), lo, hi);
          }
          k.gates(shape, raw, rrms, gate, bias, pre, post, z, n.tokens(), lo, hi);
          k.streamRead(streams, pre, u, n.d(), n.width(), n.tokens(), lo, hi);
        });
  }

  /** The weighted sum from the weights, which are saved. */
  @Override
  public void restore(Execution x, Operands o, int output) {
    var n = StreamShapes.of(name(), o.in(0).shape());
    var k = x.kernels().mixing(o.in(0).dtype());
    var streams = o.in(0).data();
    var pre = o.saved(1).data();
    var u = o.out(0).data();
    x.parallel(
        n.blocks(),
        (lo, hi, w) -> k.streamRead(streams, pre, u, n.d(), n.width(), n.tokens(), lo, hi));
  }

  /** The generator's product and its two gradients. */
  @Override
  public long flops(Operands o, boolean backward) {
    return (backward ? 4 : 2) * o.saved(0).count() * o.in(1).size(1);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Tensor in = o.in(0);
    var n = StreamShapes.of(name(), in.shape());
    Tensor[] gOut = {orZeros(x, g, 0, o), orZeros(x, g, 1, o), orZeros(x, g, 2, o)};
    Tensor graw = x.allocate(o.saved(0).spec());
    Tensor partial =
        x.allocate(
            TensorSpec.of(
                Shape.of(Math.max(1, n.blocks().blocks()), 3 + o.in(1).size(0)), in.dtype()));
    Cotangents.Target t = g.wants(0) ? g.into(0) : null;
    streams(x, o, n, gOut, graw, partial, t);
    if (g.wants(1)) {
      Cotangents.Target w = g.into(1);
      Products.multiply(x, graw, n.matrix(in), w.tensor(), w.accumulate());
    }
    addPartial(x, g, 2, partial, 0, n);
    addPartial(x, g, 3, partial, 3, n);
    Execution.release(graw);
    Execution.release(partial);
    for (int i = 0; i < gOut.length; i++) {
      if (g.of(i) == null) {
        Execution.release(gOut[i]);
      }
    }
  }

  /**
   * One pass over the streams: gradients of the maps' arguments, of gate and bias by block, and
   * what reading, the root mean square and the generator give back to the streams.
   */
  private static void streams(
      Execution x,
      Operands o,
      StreamShapes n,
      Tensor[] gOut,
      Tensor graw,
      Tensor partial,
      Cotangents.Target t) {
    var shape = gates(o, n);
    var k = x.kernels().mixing(graw.dtype());
    Tensor gpre = x.allocate(o.saved(1).spec());
    Tensor grrms = x.allocate(TensorSpec.of(Shape.of(n.tokens()), graw.dtype()));
    var streams = o.in(0).data();
    var generator = o.in(1).data();
    var raw = o.saved(0).data();
    var rrms = rrms(o).data();
    var gate = o.in(2).data();
    var pre = o.saved(1).data();
    var post = o.out(1).data();
    var gu = gOut[0].data();
    var gpost = gOut[1].data();
    var gz = gOut[2].data();
    var gpre0 = gpre.data();
    var graw0 = graw.data();
    var grrms0 = grrms.data();
    var partial0 = partial.data();
    var gx = t == null ? null : t.tensor().data();
    boolean accumulate = t != null && t.accumulate();
    int d = n.d();
    int width = n.width();
    long tokens = n.tokens();
    long slot = partial.size(1);
    Partition blocks = n.blocks();
    x.team()
        .run(
            blocks.blocks(),
            (b, w) -> {
              long lo = blocks.lo(b);
              long hi = blocks.hi(b);
              k.streamReadGates(streams, gu, gpre0, d, width, tokens, lo, hi);
              k.gatesVjp(
                  shape, raw, rrms, gate, pre, post, gpre0, gpost, gz, graw0, grrms0, partial0,
                  b * slot, tokens, lo, hi);
              if (gx != null) {
                k.streamReadVjp(
                    streams, pre, gu, rrms, grrms0, gx, accumulate, d, width, tokens, lo, hi);
                k.generateVjp(graw0, generator, gx, shape.rows(), d * width, tokens, lo, hi);
              }
            });
    Execution.release(gpre);
    Execution.release(grrms);
  }

  private static void addPartial(
      Execution x, Cotangents g, int input, Tensor partial, long from, StreamShapes n) {
    if (g.wants(input)) {
      Cotangents.Target t = g.into(input);
      Sums.addRows(
          x,
          partial,
          n.blocks().blocks(),
          partial.size(1),
          from,
          t.tensor().count(),
          t.tensor().data(),
          t.accumulate());
    }
  }

  private static Tensor orZeros(Execution x, Cotangents g, int output, Operands o) {
    Tensor given = g.of(output);
    if (given != null) {
      return given;
    }
    Tensor zeros = x.allocate(o.out(output).spec());
    x.fill(zeros, 0);
    return zeros;
  }
}
