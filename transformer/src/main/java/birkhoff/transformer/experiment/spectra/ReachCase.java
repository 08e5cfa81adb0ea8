package birkhoff.transformer.experiment.spectra;

import birkhoff.engine.rng.Philox;

/**
 * One histogram.
 *
 * @param d size of the matrices
 * @param s block size; 0 for families without
 * @param orthogonal how go_mhc makes orthogonal matrices
 * @param steps of the optimizer
 */
public record ReachCase(int d, Family family, int s, Family.Orthogonal orthogonal, int steps) {
  /** Checks that the family has such matrices. */
  public ReachCase {
    if (!family.has(d) || family.hasBlocks() != s > 0 || steps < 0) {
      throw new IllegalArgumentException(family + ", d=" + d + ", s=" + s + ", steps=" + steps);
    }
  }

  /** A name for files. */
  public String id() {
    return "d" + d + "-" + family.id() + (s > 0 ? "-s" + s : "");
  }

  /** The name for people. */
  public String title() {
    return "d = " + d + ", " + family.id() + (s > 0 ? ", s = " + s : "");
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
