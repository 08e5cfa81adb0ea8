package birkhoff.engine.profile;

import birkhoff.engine.kernel.vector.FmaLoop;
import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.parallel.ThreadTeam;
import java.time.Duration;
import java.util.List;

/**
 * Measures the float32 multiply-add peak of a thread team: every thread runs independent FMA chains
 * in registers, without memory traffic.
 *
 * <p>A round takes about two milliseconds. When the host of a virtual machine takes one of two
 * processors away meanwhile, the round shows half the peak; such gaps last up to some ten
 * milliseconds and can follow one another for longer than a few rounds. So the peak is the best of
 * {@value #TURNS} pairs of rounds with pauses between them, over a third of a second.
 */
public final class FmaPeak {
  private static final int ITERATIONS = 300_000;
  private static final int SUSTAINED_ITERATIONS = 100_000;
  private static final int WARM_UP_ITERATIONS = 10_000;
  private static final int WARM_UP = 12;
  private static final int TURNS = 12;
  private static final long PAUSE_NANOS = 22_000_000;
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
      round(WARM_UP_ITERATIONS);
    }
  }

  /** Width of the vectors that the vector kernels use. */
  public static int vectorBits() {
    return Lanes.F.vectorBitSize();
  }

  /** Floating-point operations per second, see the class comment; takes about 0.4 s. */
  public static double measure(ThreadTeam team) {
    return SpeedProbe.best(List.of(probe(team, vectorBits())), TURNS, PAUSE_NANOS)[0];
  }

  /** Rounds with vectors of {@code bits} bits; wider ones than the machine's are emulated. */
  static SpeedProbe probe(ThreadTeam team, int bits) {
    var peak = new FmaPeak(team, bits);
    return () -> {
      // Wakes the workers, which is no part of the round; two in a row use a wake-up well.
      peak.round(WARM_UP_ITERATIONS);
      return Math.max(peak.round(ITERATIONS), peak.round(ITERATIONS));
    };
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
      peak.round(SUSTAINED_ITERATIONS);
      operations += peak.operations(SUSTAINED_ITERATIONS);
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
