package birkhoff.transformer.diagnostics;

import birkhoff.engine.Engine;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.model.GptConfig;

/** Runs a model over tokens to look at its mixers. Not thread-safe. */
public final class MixerProbe {
  private final Engine engine;
  private final Gpt gpt;
  private final Workspace workspace;
  private final Tensor inputs;

  /** Prepares passes over {@code rows} sequences of {@code time} tokens. */
  public MixerProbe(Engine engine, Gpt gpt, int rows, int time) {
    if (!applies(gpt.config())) {
      throw new IllegalArgumentException("a model without two streams has no mixers to look at");
    }
    this.engine = engine;
    this.gpt = gpt;
    this.workspace = engine.workspace("watched mixers");
    this.inputs =
        engine.persistent("watched batch", TensorSpec.of(Shape.of(rows, time), DType.INT32));
  }

  /** Whether a model has streams to mix. */
  public static boolean applies(GptConfig config) {
    return !config.residual().type().equals("none") && config.residual().streams() > 1;
  }

  /** Nothing seen yet. */
  public MixerWatch watch() {
    return new MixerWatch(gpt.config().residual().streams(), 2 * gpt.config().nLayer());
  }

  /** Looks at the mixers of one pass over {@code rows·time} ids. */
  public void look(int[] ids, MixerWatch watch) {
    inputs.copyFrom(ids);
    gpt.hidden(engine.ops(workspace), inputs, DropoutKeys.OFF, watch);
    workspace.reset();
  }
}
