package birkhoff.transformer.residual;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.tensor.Tensor;

/** Mixtures of all d! permutations (arXiv 2601.05732): exact, but for few streams only. */
public record MhcLite(int streams) implements Mixer {
  public MhcLite {
    KroneckerMixer.checkPermutations("hyper_conn_type=mhc_lite", streams);
  }

  private MixerShape shape() {
    return new MixerShape.Permutations(streams);
  }

  @Override
  public int parameters() {
    return shape().parameters();
  }

  @Override
  public Tensor mix(Ops ops, Tensor z) {
    return ops.apply(new MixerMap(shape()), z)[0];
  }

  /** 0 for the identity and -8 for the others, as published. */
  @Override
  public Initializer start(int first) {
    return Starts.firstOf(parameters(), first);
  }
}
