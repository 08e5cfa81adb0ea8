package birkhoff.engine.profile;

import birkhoff.engine.parallel.ThreadTeam;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** Counts the heap bytes that the calling thread and a team's threads allocate. */
abstract class HeapMeter {
  // A run-time image may lack the module.
  private static final boolean COUNTS = ModuleLayer.boot().findModule("jdk.management").isPresent();

  private HeapMeter() {}

  /** A meter that always shows 0 where the JVM does not count. */
  static HeapMeter of(ThreadTeam team) {
    return COUNTS ? new Counting(team) : new Absent();
  }

  /** Bytes since the threads began. */
  abstract long bytes();

  private static final class Absent extends HeapMeter {
    @Override
    long bytes() {
      return 0;
    }
  }

  private static final class Counting extends HeapMeter {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long[] ids;

    Counting(ThreadTeam team) {
      ids = team.threadIds();
    }

    @Override
    long bytes() {
      long own = threads.getCurrentThreadAllocatedBytes();
      return ids.length == 0
          ? own
          : own + Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum();
    }
  }
}
