package birkhoff.perf.gemm;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Times of one of several programs that take turns: each runs for a while, then the next. Before a
 * turn comes a pause in which the threads of the program before go to sleep (OpenBLAS's spin on for
 * up to 100 ms and take a processor from the next), and one call that is not timed.
 */
public final class Turns {
  private static final long PAUSE_NANOS = 150_000_000;

  private final LongSupplier clock;
  private final long turnNanos;
  private final boolean pause;

  /**
   * How turns are taken.
   *
   * @param clock in nanoseconds
   * @param turnNanos that a turn takes at least
   * @param pause whether to pause before a turn
   */
  public Turns(LongSupplier clock, long turnNanos, boolean pause) {
    this.clock = clock;
    this.turnNanos = turnNanos;
    this.pause = pause;
  }

  /** Nanoseconds of each call of one turn, sorted. */
  public double[] take(Runnable call) {
    if (pause) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    long begin = System.nanoTime();
    call.run();
    long first = Math.max(1, System.nanoTime() - begin);
    double[] nanos = new double[Math.clamp(turnNanos / first, 1, 10_000)];
    for (int i = 0; i < nanos.length; i++) {
      long start = clock.getAsLong();
      call.run();
      nanos[i] = clock.getAsLong() - start;
    }
    Arrays.sort(nanos);
    return nanos;
  }

  /** The middle of sorted values. */
  public static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }
}
