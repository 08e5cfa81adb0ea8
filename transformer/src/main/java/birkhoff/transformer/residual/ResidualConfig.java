package birkhoff.transformer.residual;

import java.util.List;

/**
 * Which residual stream a model has, and everything that any kind of it can be told. A kind reads
 * what concerns it.
 *
 * @param type one of {@link ResidualStreams#types}
 * @param streams d, parallel residual streams
 * @param blockSize s, block size of generalized orthostochastic mixers
 * @param initEps off-diagonal mass per row of a fresh generalized orthostochastic mixer
 * @param factors sizes of Kronecker factors, whose product is d; empty: what the kind prefers
 * @param iterations of Sinkhorn-Knopp
 * @param fullSkew whether the generator makes a full matrix Θ for {@code A = Θ - Θᵀ} instead of one
 *     number per skew-symmetric entry, which doubles the steps that Adam makes with A
 * @param guard radius r of {@code z ↦ r·tanh(z/r)} for the numbers of skew-symmetric matrices; 0:
 *     none
 * @param meanCollapse whether the end takes the mean of the streams instead of their sum
 */
public record ResidualConfig(
    String type,
    int streams,
    int blockSize,
    double initEps,
    List<Integer> factors,
    int iterations,
    boolean fullSkew,
    double guard,
    boolean meanCollapse) {
  /** As published (arXiv 2512.24880). */
  public static final int SINKHORN_ITERATIONS = 20;

  /** The share that a fresh mixer of arXiv 2601.05732 has off the diagonal, rounded. */
  public static final double INIT_EPS = 0.006;

  public static final ResidualConfig NONE = of("none", 1);

  /** Copies the factors. */
  public ResidualConfig {
    factors = List.copyOf(factors);
  }

  /** A kind with the default of everything else; block size 2. */
  public static ResidualConfig of(String type, int streams) {
    return new ResidualConfig(
        type, streams, 2, INIT_EPS, List.of(), SINKHORN_ITERATIONS, false, 0, false);
  }

  /** go-mHC with the derived initialisation. */
  public static ResidualConfig goMhc(int streams, int blockSize) {
    return of("go_mhc", streams).withBlockSize(blockSize);
  }

  /** The same with another s. */
  public ResidualConfig withBlockSize(int s) {
    return new ResidualConfig(
        type, streams, s, initEps, factors, iterations, fullSkew, guard, meanCollapse);
  }

  /** The same with other Kronecker factors. */
  public ResidualConfig withFactors(List<Integer> sizes) {
    return new ResidualConfig(
        type, streams, blockSize, initEps, sizes, iterations, fullSkew, guard, meanCollapse);
  }

  /** The same with a full matrix Θ or without. */
  public ResidualConfig withFullSkew(boolean full) {
    return new ResidualConfig(
        type, streams, blockSize, initEps, factors, iterations, full, guard, meanCollapse);
  }

  /** The same with the mean of the streams at the end, or their sum. */
  public ResidualConfig withMeanCollapse(boolean mean) {
    return new ResidualConfig(
        type, streams, blockSize, initEps, factors, iterations, fullSkew, guard, mean);
  }

  /** The same with another guard. */
  public ResidualConfig withGuard(double radius) {
    return new ResidualConfig(
        type, streams, blockSize, initEps, factors, iterations, fullSkew, radius, meanCollapse);
  }
}
