package birkhoff.engine.op.mixing;

import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link StreamWrite} of one sublayer and {@link StreamRead} of the next, block of tokens by block:
 * what is written is read, and its gradient passed on, while it is in the second-level cache.
 * Inputs: x, h, post and f of the write, then generator, gate and bias of the read. Outputs: the
 * streams y, then u, post and z of the read.
 */
public record StreamWriteRead(double eps) implements KernelPrimitive {
  private static final int GENERATOR = 4;
  private static final int BIAS = 6;
  private static final int INPUT = 1;

  @Override
  public String name() {
    return "streamWriteRead";
  }

  @Override
  public boolean readsInput(int input) {
    return input != BIAS;
  }

  @Override
  public boolean readsOutput(int output) {
    return output == 0 || output == INPUT + 1;
  }

  @Override
  public boolean restores(int output) {
    return output == INPUT;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, BIAS + 1, BIAS + 1);
    StreamShapes n = Writing.check(name(), in);
    Reading.check(name(), in, n, GENERATOR);
    List<TensorSpec> out = new ArrayList<>();
    out.add(in.getFirst());
    out.addAll(Reading.results(in, n, GENERATOR));
    return new Plan(out, Reading.saved(in, n, GENERATOR));
  }

  private Reading reading(Execution x, Operands o) {
    return new Reading(x, name(), o, o.out(0), GENERATOR, INPUT);
  }

  @Override
  public void forward(Execution x, Operands o) {
    var write = new Writing(x, name(), o);
    Reading read = reading(x, o);
    var bias = o.in(BIAS).data();
    var y = o.out(0).data();
    var u = o.out(INPUT).data();
    var z = o.out(INPUT + 2).data();
    x.parallel(
        read.n.blocks(),
        (lo, hi, w) -> {
          write.block(y, read.rrms, eps, lo, hi);
          read.block(bias, u, z, lo, hi);
        });
  }

  @Override
  public void restore(Execution x, Operands o, int output) {
    Reading read = reading(x, o);
    var u = o.out(output).data();
    x.parallel(read.n.blocks(), (lo, hi, w) -> read.input(u, lo, hi));
  }

  /** The generator's product and its two gradients. */
  @Override
  public long flops(Operands o, boolean backward) {
    return (backward ? 4 : 2) * o.saved(0).count() * o.in(GENERATOR).size(1);
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    boolean flows = g.of(0) != null;
    Tensor gy = flows ? g.own(0) : x.allocate(o.out(0).spec());
    var write = new Writing(x, name(), o);
    Reading read = reading(x, o);
    var readBack = new ReadingVjp(x, o, g, read, GENERATOR, INPUT);
    var writeBack = write.new Vjp(x, o, gy);
    var memory = gy.data();
    Partition blocks = read.n.blocks();
    x.team()
        .run(
            blocks.blocks(),
            (b, w) -> {
              long lo = blocks.lo(b);
              long hi = blocks.hi(b);
              readBack.gates(b, lo, hi);
              readBack.streams(memory, flows, lo, hi);
              writeBack.block(w, lo, hi);
            });
    readBack.finish();
    writeBack.finish(g);
    if (!flows && !g.wants(0)) {
      Execution.release(gy);
    }
  }
}
