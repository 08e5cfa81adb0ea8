package birkhoff.transformer.residual;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.tensor.Tensor;

/**
 * No mixing: reading and writing depend on the token, the streams themselves stay apart. The
 * control that shows what a mixer brings.
 */
public record IdentityMixer(int streams) implements Mixer {
  @Override
  public int parameters() {
    return 0;
  }

  @Override
  public Tensor mix(Ops ops, Tensor z) {
    return ops.apply(new MixerMap(new MixerShape.Identity(streams)), z)[0];
  }

  @Override
  public Initializer start(int first) {
    return Initializer.constant(0);
  }
}
