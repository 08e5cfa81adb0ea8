package birkhoff.engine.profile;

import birkhoff.engine.kernel.vector.FmaLoop;
import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.parallel.ThreadTeam;
import java.time.Duration;

/**
 * Measures the float32 multiply-add peak of a thread team: every thread runs independent FMA chains
 * in registers, without memory traffic.
 */
public final class FmaPeak {
  private static final int ITERATIONS = 100_000;
  private static final int WARM_UP = 12;
  private static final int ROUNDS = 8;
  private static final int BLOCKS_PER_THREAD = 4;

  private final ThreadTeam team;
  private final int bits;
  private final FmaLoop loop;
  private final float[] sink;

  private FmaPeak(ThreadTeam team, int bits) {
    this.team = team;
    this.bits = bits;
    this.loop = FmaLoop.of(bits);
    this.sink = new float[team.size() * BLOCKS_PER_THREAD];
    for (int i = 0; i < WARM_UP; i++) {
      round(ITERATIONS / 10);
    }
  }

  /** Width of the vectors that the vector kernels use. */
  public static int vectorBits() {
    return Lanes.F.vectorBitSize();
  }

  /** Floating-point operations per second, the best of a few rounds; takes about 50 ms. */
  public static double measure(ThreadTeam team) {
    return measure(team, vectorBits());
  }

  /** The same with vectors of {@code bits} bits; wider ones than the machine's are emulated. */
  public static double measure(ThreadTeam team, int bits) {
    var peak = new FmaPeak(team, bits);
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      best = Math.max(best, peak.round(ITERATIONS));
    }
    return best;
  }

  /**
   * Floating-point operations per second over at least {@code time}, interruptions by other
   * programs included: what the threads really got.
   */
  public static double sustained(ThreadTeam team, Duration time) {
    var peak = new FmaPeak(team, vectorBits());
    double operations = 0;
    long start = System.nanoTime();
    long elapsed;
    do {
      peak.round(ITERATIONS);
      operations += peak.operations(ITERATIONS);
      elapsed = System.nanoTime() - start;
    } while (elapsed < time.toNanos());
    return operations / (elapsed / 1e9);
  }

  private double operations(int iterations) {
    return 2.0 * FmaLoop.CHAINS * (bits / (double) Float.SIZE) * iterations * sink.length;
  }

  /** Operations per second of one round. */
  private double round(int iterations) {
    long start = System.nanoTime();
    team.run(sink.length, (block, worker) -> sink[block] = loop.run(iterations, block));
    double seconds = (System.nanoTime() - start) / 1e9;
    if (Float.isNaN(sink[0])) {
      throw new IllegalStateException("the chains converge to a finite number");
    }
    return operations(iterations) / seconds;
  }
}
