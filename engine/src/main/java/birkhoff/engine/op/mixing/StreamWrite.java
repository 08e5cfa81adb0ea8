package birkhoff.engine.op.mixing;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * Equation (1) of arXiv 2604.02309: {@code y_i = Σ_j H_ij x_j + post_i f} for streams {@code x[…,
 * d, width]}, mixers {@code h[d·d, tokens]}, gates {@code post[d, tokens]} and the branch's output
 * {@code f[…, width]}.
 */
public record StreamWrite() implements KernelPrimitive {
  @Override
  public String name() {
    return "streamWrite";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 4, 4);
    Writing.check(name(), in);
    return Plan.of(in.getFirst());
  }

  @Override
  public void forward(Execution x, Operands o) {
    var write = new Writing(x, name(), o);
    var y = o.out(0).data();
    x.parallel(write.n.blocks(), (lo, hi, w) -> write.block(y, null, 0, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var write = new Writing(x, name(), o);
    var back = write.new Vjp(x, o, g.own(0));
    x.parallel(write.n.blocks(), (lo, hi, w) -> back.block(w, lo, hi));
    back.finish(g);
  }
}
