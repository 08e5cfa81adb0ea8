package birkhoff.transformer.residual;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.tensor.Tensor;

/**
 * Sinkhorn-Knopp (arXiv 2512.24880): the exponentials of d·d numbers, columns and rows divided by
 * their sums in turn. With rows last the sums over inputs are exact, those over outputs are not.
 *
 * @param iterations 20 as published
 */
public record Mhc(int streams, int iterations) implements Mixer {
  private MixerShape shape() {
    return new MixerShape.Sinkhorn(streams, iterations);
  }

  @Override
  public int parameters() {
    return shape().parameters();
  }

  @Override
  public Tensor mix(Ops ops, Tensor z) {
    return ops.apply(new MixerMap(shape()), z)[0];
  }

  /** 0 on the diagonal and -8 elsewhere, as in the published ports; the paper does not say. */
  @Override
  public Initializer start(int first) {
    return Starts.diagonal(streams, first);
  }
}
