package birkhoff.engine.op.mixing;

import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * The dynamic maps of hyper-connections and the sublayer's input, equations (2)–(4) and the
 * argument of (8) of arXiv 2604.02309. Inputs: streams {@code x[…, d, width]}, {@code
 * generator[2d+P, d·width]}, {@code gate[3]} and {@code bias[2d+P]}. Outputs: the weighted sum of
 * the streams {@code u[…, width]}, the write gates {@code post[d, tokens]} and the mixer's numbers
 * {@code z[P, tokens]}.
 *
 * <p>The generator multiplies un-normalized streams; the root mean square, one number per token,
 * divides afterwards. {@link StreamWriteRead} reads what it has just written.
 */
public record StreamRead(double eps) implements KernelPrimitive {
  private static final int GENERATOR = 1;
  private static final int BIAS = 3;
  private static final int POST = 1;

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
    Check.inputs(name(), in, BIAS + 1, BIAS + 1);
    Check.floating(name(), in);
    Check.rank(name(), in.getFirst(), 2);
    var n = StreamShapes.of(name(), in.getFirst().shape());
    Reading.check(name(), in, n, GENERATOR);
    return new Plan(Reading.results(in, n, GENERATOR), Reading.saved(in, n, GENERATOR));
  }

  private Reading reading(Execution x, Operands o) {
    return new Reading(x, name(), o, o.in(0), GENERATOR, 0);
  }

  @Override
  public void forward(Execution x, Operands o) {
    Reading r = reading(x, o);
    var norm = x.kernels().normalization(o.in(0).dtype());
    int inner = r.inner();
    var bias = o.in(BIAS).data();
    var u = o.out(0).data();
    var z = o.out(POST + 1).data();
    x.parallel(
        r.n.blocks(),
        (lo, hi, w) -> {
          norm.rmsNorm(r.streams, null, null, r.rrms, inner, eps, lo, hi);
          r.block(bias, u, z, lo, hi);
        });
  }

  @Override
  public void restore(Execution x, Operands o, int output) {
    Reading r = reading(x, o);
    var u = o.out(output).data();
    x.parallel(r.n.blocks(), (lo, hi, w) -> r.input(u, lo, hi));
  }

  /** The generator's product and its two gradients. */
  @Override
  public long flops(Operands o, boolean backward) {
    return (backward ? 4 : 2) * o.saved(0).count() * o.in(GENERATOR).size(1);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    Reading r = reading(x, o);
    var back = new ReadingVjp(x, o, g, r, GENERATOR, 0);
    Cotangents.Target t = g.wants(0) ? g.into(0) : null;
    var gx = t == null ? null : t.tensor().data();
    boolean accumulate = t != null && t.accumulate();
    Partition blocks = r.n.blocks();
    x.team()
        .run(
            blocks.blocks(),
            (b, w) -> {
              back.gates(b, blocks.lo(b), blocks.hi(b));
              if (gx != null) {
                back.streams(gx, accumulate, blocks.lo(b), blocks.hi(b));
              }
            });
    back.finish();
  }
}
