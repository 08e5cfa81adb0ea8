package birkhoff.transformer.experiment.spectra;

import birkhoff.engine.rng.Philox;
import java.util.Locale;

/**
 * One histogram.
 *
 * @param d size of the matrices
 * @param s block size; 0 for families without
 * @param orthogonal how go_mhc makes orthogonal matrices
 * @param closest which eigenvalue is led to the target
 * @param steps of the optimizer
 */
public record ReachCase(
    int d, Family family, int s, Family.Orthogonal orthogonal, Closest closest, int steps) {
  /** Among which eigenvalues the one closest to the target is looked for. */
  public enum Closest {
    /** All, as in the paper. Where 1 is the closest, nothing moves: all the matrices have it. */
    ANY,
    /** All but the 1. */
    FREE;

    /** The name in options and files. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks that the family has such matrices. */
  public ReachCase {
    if (!family.has(d) || family.hasBlocks() != s > 0 || steps < 0) {
      throw new IllegalArgumentException(family + ", d=" + d + ", s=" + s + ", steps=" + steps);
    }
  }

  /** A name for files. */
  public String id() {
    return "d"
        + d
        + "-"
        + family.id()
        + (s > 0 ? "-s" + s : "")
        + (closest == Closest.FREE ? "-free" : "");
  }

  /** The name for people, without d. */
  public String title() {
    return family.id() + (s > 0 ? ", s = " + s : "") + (closest == Closest.FREE ? ", free" : "");
  }

  /** A map of the family. */
  public MatrixMap map() {
    return family.map(d, s, orthogonal);
  }

  /** The key of the case's random numbers. */
  long key(long seed) {
    return Philox.derive(seed, family.ordinal() + 1L, ((long) d << 32) + s);
  }
}
