package birkhoff.transformer.residual;

import birkhoff.engine.kernel.Mixing.CayleyShape;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.CayleyMixer;
import birkhoff.engine.tensor.Tensor;

/**
 * Generalized orthostochastic mixers (arXiv 2604.02309): exactly doubly stochastic for every z.
 *
 * @param streams d
 * @param blockSize s
 * @param initEps off-diagonal mass per row of a fresh mixer
 */
public record GoMhc(int streams, int blockSize, double initEps) implements Mixer {
  public GoMhc {
    if (!(initEps > 0 && initEps < 1)) {
      throw new IllegalArgumentException(
          "hyper_conn_init_eps = "
              + initEps
              + " is outside (0, 1): it is a share of a row, and at 0 mixers never learn");
    }
  }

  @Override
  public int parameters() {
    return new CayleyShape(streams, blockSize).parameters();
  }

  @Override
  public Tensor mix(Ops ops, Tensor z) {
    return ops.apply(new CayleyMixer(streams, blockSize), z)[0];
  }

  /**
   * Small, but not zero: H is quadratic in z, so at z = 0 it is the identity and every gradient is
   * exactly 0. Off the diagonal H is about 4·s·σ² for independent z of standard deviation σ, hence
   * {@code σ = √(eps / (4 s (d-1)))}. One stream has nothing to mix.
   */
  @Override
  public Initializer start() {
    return streams == 1
        ? Initializer.constant(0)
        : Initializer.normal(Math.sqrt(initEps / (4.0 * blockSize * (streams - 1))));
  }
}
