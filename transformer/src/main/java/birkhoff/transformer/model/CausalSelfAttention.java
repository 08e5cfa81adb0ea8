package birkhoff.transformer.model;

import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Linear;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/** GPT-2's attention: fused projection {@code c_attn}, heads, output projection {@code c_proj}. */
final class CausalSelfAttention {
  private final GptConfig config;
  private final Linear project;
  private final Linear out;

  CausalSelfAttention(
      Parameters parameters, String name, GptConfig config, Initializer init, Initializer last) {
    int c = config.nEmbd();
    this.config = config;
    this.project = new Linear(parameters, name + ".c_attn", c, 3L * c, config.bias(), init);
    this.out = new Linear(parameters, name + ".c_proj", c, c, config.bias(), last);
  }

  /** {@code [b, t, c]} to {@code [b, t, c]}. */
  Tensor forward(Ops ops, Tensor x, DropoutKeys keys, int place) {
    double p = keys.rate(config.dropout());
    Tensor qkv = project.forwardNarrow(ops, x);
    Tensor y = ops.causalAttention(qkv, config.nHead(), p, keys.at(place));
    Tensor projected = out.forward(ops, y);
    ops.forget(qkv, y);
    return keys.dropout(ops, projected, config.dropout(), place + 1);
  }

  /** The same for new positions after the cached ones, which they join. */
  Tensor forward(Ops ops, Tensor x, KvCache cache, int layer) {
    Tensor qkv = project.forward(ops, x);
    Tensor y = ops.cachedAttention(qkv, cache.keys(layer), cache.values(layer), cache.start());
    Tensor projected = out.forward(ops, y);
    ops.forget(qkv, y);
    return projected;
  }
}
