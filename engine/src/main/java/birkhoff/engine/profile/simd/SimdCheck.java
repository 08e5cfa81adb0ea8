package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.scalar.ScalarProvider;
import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.kernel.vector.VectorProvider;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;

/**
 * Looks at every vector kernel: heap bytes per call once the JIT had its time, and the time against
 * the scalar kernel. A vector that C2 could not keep in a register is a heap object, so a kernel
 * that allocates was not compiled to vector instructions. Needs the module {@code jdk.management},
 * which every JDK has. Runs on the calling thread and takes about half a minute, longer where
 * kernels allocate.
 */
public final class SimdCheck {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  // Where somebody waits for the verdict only; other programs may keep the compiler waiting.
  private static final Duration LONG_PATIENCE = Duration.ofSeconds(60);
  // Where the settings forbid fast kernels, more time would change nothing.
  private static final Duration HOPELESS = Duration.ofMillis(500);
  private static final int CALLS = 20;
  private static final long SLICE = 50_000_000;
  private static final long WARM_UP = 20_000_000;
  // Nothing ran the scalar kernel before.
  private static final long COLD_WARM_UP = 80_000_000;
  private static final long TIMED = 20_000_000;
  private static final long BATCH = 500_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private SimdCheck() {}

  /** Prints what allocates, for the roles named; for a JVM of its own. */
  public static void main(String[] roles) {
    List<Role> chosen =
        roles.length == 0
            ? List.of(Role.values())
            : Arrays.stream(roles).map(Role::valueOf).toList();
    SimdReport report = run(chosen, LONG_PATIENCE);
    report.causes().forEach(System.out::println);
    List<SimdRow> boxing = report.rows().stream().filter(SimdRow::boxes).toList();
    System.out.println(report.rows().size() + " kernels; those that allocate: " + boxing);
  }

  /** Every kernel of every role. */
  public static SimdReport run() {
    return run(EnumSet.allOf(Role.class));
  }

  /** The kernels of some roles. */
  public static SimdReport run(Collection<Role> roles) {
    return run(roles, PATIENCE);
  }

  private static SimdReport run(Collection<Role> roles, Duration patience) {
    Probe probe = new VectorProvider().probe(KernelOptions.DEFAULT);
    if (!probe.available()) {
      return new SimdReport(0, 0, List.of(probe.detail()), List.of());
    }
    List<String> causes = SimdConditions.causes();
    var check = new SimdCheck();
    List<SimdRow> rows = new ArrayList<>();
    for (Role role : roles) {
      rows.addAll(check.role(role, causes.isEmpty() ? patience : HOPELESS));
    }
    return new SimdReport(Lanes.F.vectorBitSize(), SimdConditions.machineBits(), causes, rows);
  }

  private List<SimdRow> role(Role role, Duration patience) {
    try (Arena arena = Arena.ofConfined()) {
      List<KernelCase> vector = KernelCases.of(new VectorProvider(), role, arena);
      List<KernelCase> scalar = KernelCases.of(new ScalarProvider(), role, arena);
      long[] bytes = settle(vector, patience);
      List<SimdRow> rows = new ArrayList<>();
      for (int i = 0; i < vector.size(); i++) {
        Runnable call = vector.get(i).call();
        double vectorNanos = time(call, WARM_UP);
        // On a busy machine the compiler may have come to this kernel only now.
        long least = bytes[i] == 0 ? 0 : Math.min(bytes[i], allocated(call));
        double scalarNanos = time(scalar.get(i).call(), COLD_WARM_UP);
        rows.add(new SimdRow(role, vector.get(i).name(), least, vectorNanos, scalarNanos));
      }
      return rows;
    }
  }

  /**
   * The least bytes that a call allocated on average over a round. The kernels take turns, so that
   * the compiler works on all of them meanwhile; one that allocates no more than allowed is done.
   */
  private long[] settle(List<KernelCase> cases, Duration patience) {
    long[] least = new long[cases.size()];
    Arrays.fill(least, Long.MAX_VALUE);
    long start = System.nanoTime();
    boolean open = true;
    while (open) {
      open = false;
      for (int i = 0; i < least.length; i++) {
        long allowed = KernelCases.allowedBytes(cases.get(i).role());
        if (least[i] > allowed) {
          least[i] = Math.min(least[i], allocated(cases.get(i).call()));
          open |= least[i] > allowed;
        }
      }
      open &= System.nanoTime() - start < patience.toNanos();
    }
    return least;
  }

  private long allocated(Runnable call) {
    long start = System.nanoTime();
    long before = threads.getCurrentThreadAllocatedBytes();
    int calls = 0;
    while (calls < CALLS && System.nanoTime() - start < SLICE) {
      call.run();
      calls++;
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    return (bytes + calls - 1) / calls;
  }

  /** Nanoseconds per call, the best of some batches after a warm-up. */
  private static double time(Runnable call, long warmUp) {
    long begin = System.nanoTime();
    long calls = 0;
    long spent;
    do {
      call.run();
      calls++;
      spent = System.nanoTime() - begin;
    } while (spent < warmUp);
    long batch = Math.max(1, BATCH * calls / spent);
    double best = Double.MAX_VALUE;
    long end = System.nanoTime() + TIMED;
    do {
      long start = System.nanoTime();
      for (long k = 0; k < batch; k++) {
        call.run();
      }
      best = Math.min(best, (double) (System.nanoTime() - start) / batch);
    } while (System.nanoTime() < end);
    return best;
  }
}
