package birkhoff.transformer.experiment.spectra;

import java.util.Locale;
import java.util.Set;

/** The families of mixers, each with the settings of the paper's procedure. */
public enum Family {
  /** Generalized orthostochastic matrices; the only family with a block size s. */
  GO_MHC(0.1, 100, 1, Set.of(3, 4)),
  /** All permutations. */
  MHC_LITE(0.08, 250, Constants.MEAN, Set.of(3, 4)),
  /** Two 2×2 factors. */
  KROMHC(0.08, 250, Constants.MEAN, Set.of(4)),
  /** Sinkhorn. */
  MHC(0.08, 250, Constants.MEAN, Set.of(3, 4));

  /** Numbers that more than one family needs. */
  private static final class Constants {
    /** The loss is the mean over the paper's 10,000 targets; Adam's epsilon makes that matter. */
    static final double MEAN = 1e-4;

    static final int SINKHORN_ITERATIONS = 10;
    static final double SINKHORN_LOGITS = 100;
    static final double JITTER = 1e-6;
  }

  /** How a skew-symmetric matrix becomes an orthogonal one. */
  public enum Orthogonal {
    EXP,
    CAYLEY;

    SkewMap map(int n) {
      return this == EXP ? new SkewExponential(n) : new CayleyTransform(n);
    }

    /** The name in options and files. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final double learningRate;
  private final int steps;
  private final double lossScale;
  private final Set<Integer> sizes;

  Family(double learningRate, int steps, double lossScale, Set<Integer> sizes) {
    this.learningRate = learningRate;
    this.steps = steps;
    this.lossScale = lossScale;
    this.sizes = sizes;
  }

  /** The name in options and files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the family has d×d matrices here. */
  public boolean has(int d) {
    return sizes.contains(d);
  }

  /** Whether the family has a block size. */
  public boolean hasBlocks() {
    return this == GO_MHC;
  }

  /** Steps of the optimizer in the paper. */
  public int steps() {
    return steps;
  }

  /**
   * Adam's step length for z. That of go_mhc is doubled: the paper learns a full matrix Θ and uses
   * Θ - Θᵀ, of which one number here is the difference of two, which take opposite steps.
   */
  double stepLength() {
    return hasBlocks() ? 2 * learningRate : learningRate;
  }

  /** What the squared distance of one target is multiplied by. */
  double lossScale() {
    return lossScale;
  }

  /** Standard deviation of what is added to H before its eigenvalues are taken. */
  double jitter() {
    return this == MHC ? Constants.JITTER : 0;
  }

  /** A starting value, from a uniform number of [0, 1) or a standard normal one. */
  double start(double uniform, double normal) {
    return switch (this) {
      // The difference of two standard normal numbers.
      case GO_MHC -> Math.sqrt(2) * normal;
      case MHC -> Constants.SINKHORN_LOGITS * (2 * uniform - 1);
      default -> normal;
    };
  }

  /** A new map of this family. */
  MatrixMap map(int d, int s, Orthogonal orthogonal) {
    return switch (this) {
      case GO_MHC -> new Orthostochastic(d, s, orthogonal.map(d * s));
      case MHC_LITE -> new PermutationMix(d);
      case KROMHC -> new KroneckerMix();
      case MHC -> new SinkhornMix(d, Constants.SINKHORN_ITERATIONS);
    };
  }
}
