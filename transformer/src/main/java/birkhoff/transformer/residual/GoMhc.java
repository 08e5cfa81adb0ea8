package birkhoff.transformer.residual;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.op.mixing.SkewPart;
import birkhoff.engine.tensor.Tensor;

/**
 * Generalized orthostochastic mixers (arXiv 2604.02309): exactly doubly stochastic for every z.
 *
 * @param streams d
 * @param blockSize s
 * @param initEps off-diagonal mass per row of a fresh mixer
 * @param fullSkew whether z is a full n×n matrix Θ, n = ds, and {@code A = Θ - Θᵀ}; else z is the
 *     strict upper triangle of A
 * @param guard radius r: entries of A become {@code r·tanh(a/r)}, for large ones would turn H back
 *     towards the identity; 0 leaves them
 */
public record GoMhc(int streams, int blockSize, double initEps, boolean fullSkew, double guard)
    implements Mixer {
  public GoMhc {
    if (!(initEps > 0 && initEps < 1)) {
      throw new IllegalArgumentException(
          "hyper_conn_init_eps = "
              + initEps
              + " is outside (0, 1): it is a share of a row, and at 0 mixers never learn");
    }
    if (!(guard >= 0 && guard < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "hyper_conn_guard = " + guard + " must be a radius above 0, or 0 for none");
    }
  }

  /** One number per entry of the triangle, no guard. */
  public GoMhc(int streams, int blockSize, double initEps) {
    this(streams, blockSize, initEps, false, 0);
  }

  private MixerShape.Cayley shape() {
    return new MixerShape.Cayley(streams, blockSize);
  }

  @Override
  public int parameters() {
    return fullSkew ? shape().n() * shape().n() : shape().parameters();
  }

  @Override
  public Tensor mix(Ops ops, Tensor z) {
    Tensor triangle = fullSkew ? ops.apply(new SkewPart(shape().n()), z)[0] : z;
    Tensor kept = guard > 0 ? ops.scale(ops.tanh(ops.scale(triangle, 1 / guard)), guard) : triangle;
    return ops.apply(new MixerMap(shape()), kept)[0];
  }

  /**
   * Small, but not zero: H is quadratic in A, so at A = 0 it is the identity and every gradient is
   * exactly 0. Off the diagonal H is about 4·s·σ² for independent entries of standard deviation σ,
   * hence {@code σ = √(eps / (4 s (d-1)))}. An entry that is the difference of two numbers has
   * twice their variance. One stream has nothing to mix.
   */
  @Override
  public Initializer start(int first) {
    if (streams == 1) {
      return Initializer.constant(0);
    }
    double sigma = Math.sqrt(initEps / (4.0 * blockSize * (streams - 1)));
    return Initializer.normal(fullSkew ? sigma / Math.sqrt(2) : sigma);
  }
}
