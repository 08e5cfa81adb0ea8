package birkhoff.engine.profile;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Something whose speed is measured in short rounds. A processor that is taken away for a moment,
 * by another program or by the host of a virtual machine, spoils every round that falls into the
 * gap, and gaps are longer than rounds. Hence rounds are spread in time and the best one counts.
 */
interface SpeedProbe extends AutoCloseable {
  /** Operations or bytes per second in one round of at most some milliseconds. */
  double round();

  @Override
  default void close() {}

  /**
   * The best round of each probe. The probes take turns, with a pause after each turn.
   *
   * @param pauseNanos between turns
   */
  static double[] best(List<? extends SpeedProbe> probes, int turns, long pauseNanos) {
    double[] best = new double[probes.size()];
    for (int turn = 0; turn < turns; turn++) {
      if (turn > 0) {
        LockSupport.parkNanos(pauseNanos);
      }
      for (int i = 0; i < best.length; i++) {
        best[i] = Math.max(best[i], probes.get(i).round());
      }
    }
    return best;
  }
}
