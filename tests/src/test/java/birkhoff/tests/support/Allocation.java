package birkhoff.tests.support;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Heap bytes that code allocates once it is compiled. */
public final class Allocation {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final int CALLS = 20;

  private Allocation() {}

  /**
   * The least that a call allocated on this thread, on average over {@value #CALLS} calls. Rounds
   * end with the first that allocates at most {@code enough}: the compiler takes its time, and what
   * it compiles last counts.
   */
  public static long steadyState(Runnable code, long enough) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    long start = System.nanoTime();
    while (least > enough * CALLS && System.nanoTime() - start < PATIENCE.toNanos()) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int k = 0; k < CALLS; k++) {
        code.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return (least + CALLS - 1) / CALLS;
  }
}
