package birkhoff.engine.op.mixing;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** The sum of the streams: {@code x[…, d, width]} to {@code […, width]}. */
public record StreamSum() implements KernelPrimitive {
  @Override
  public String name() {
    return "streamSum";
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
    Check.inputs(name(), in, 1, 1);
    var dtype = Check.floating(name(), in);
    Check.rank(name(), in.getFirst(), 2);
    Check.that(in.getFirst().shape().size(-2) > 0, name(), in, "there must be a stream");
    return Plan.of(TensorSpec.of(in.getFirst().shape().without(-2), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    StreamExpand.gather(x, o.in(0), new Cotangents.Target(o.out(0), false));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    if (g.wants(0)) {
      Cotangents.Target t = g.into(0);
      StreamExpand.spread(x, g.of(0), t.tensor(), t.accumulate());
    }
  }
}
