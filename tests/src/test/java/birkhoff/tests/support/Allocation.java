package birkhoff.tests.support;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Heap bytes that code allocates once it is compiled. */
public final class Allocation {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CALLS = 20;

  private Allocation() {}

  /**
   * The least that {@value #CALLS} calls allocated on this thread, over rounds that end with the
   * first that allocates nothing: the compiler takes its time, and what it compiles last counts.
   */
  public static long steadyState(Runnable code) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    long start = System.nanoTime();
    while (least > 0 && System.nanoTime() - start < PATIENCE.toNanos()) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int k = 0; k < CALLS; k++) {
        code.run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
