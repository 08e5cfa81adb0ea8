package birkhoff.transformer.model;

import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Linear;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/** Two linear layers of width 4·c with GELU between them. */
final class Mlp {
  private final GptConfig config;
  private final Linear up;
  private final Linear down;

  Mlp(Parameters parameters, String name, GptConfig config, Initializer init, Initializer last) {
    int c = config.nEmbd();
    this.config = config;
    this.up = new Linear(parameters, name + ".c_fc", c, 4L * c, config.bias(), init);
    this.down = new Linear(parameters, name + ".c_proj", 4L * c, c, config.bias(), last);
  }

  /** {@code [b, t, c]} to {@code [b, t, c]}. */
  Tensor forward(Ops ops, Tensor x, DropoutKeys keys, int place) {
    Tensor h = up.forwardNarrow(ops, x);
    Tensor active = config.geluTanh() ? ops.geluTanh(h) : ops.gelu(h);
    Tensor y = down.forward(ops, active);
    ops.forget(h, active);
    return keys.dropout(ops, y, config.dropout(), place);
  }
}
