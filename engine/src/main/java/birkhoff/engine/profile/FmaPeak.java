package birkhoff.engine.profile;

import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.parallel.ThreadTeam;
import jdk.incubator.vector.FloatVector;

/**
 * Measures the float32 multiply-add peak of a thread team: every thread runs independent FMA chains
 * in registers, without memory traffic.
 */
public final class FmaPeak {
  /** Chains that hide the latency of an FMA: two units times four to five cycles. */
  private static final int CHAINS = 12;

  private static final int ITERATIONS = 100_000;
  private static final int WARM_UP = 12;
  private static final int ROUNDS = 8;
  private static final int BLOCKS_PER_THREAD = 4;

  private FmaPeak() {}

  /** Width of the vectors that the probe and the vector kernels use. */
  public static int vectorBits() {
    return Lanes.F.vectorBitSize();
  }

  /** Floating-point operations per second, the best of a few rounds; takes about 50 ms. */
  public static double measure(ThreadTeam team) {
    int blocks = team.size() * BLOCKS_PER_THREAD;
    float[] sink = new float[blocks];
    for (int i = 0; i < WARM_UP; i++) {
      team.run(blocks, (block, worker) -> sink[block] = chains(ITERATIONS / 10, block));
    }
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      team.run(blocks, (block, worker) -> sink[block] = chains(ITERATIONS, block));
      double seconds = (System.nanoTime() - start) / 1e9;
      best = Math.max(best, 2.0 * CHAINS * Lanes.LENGTH * ITERATIONS * blocks / seconds);
    }
    if (Float.isNaN(sink[0])) {
      throw new IllegalStateException("the chains converge to a finite number");
    }
    return best;
  }

  /**
   * {@code x = x·a + b} on independent registers; the results are used so that they are computed.
   */
  private static float chains(int iterations, float start) {
    FloatVector a = FloatVector.broadcast(Lanes.F, 0.5f);
    FloatVector b = FloatVector.broadcast(Lanes.F, 1f);
    FloatVector x0 = b.mul(start + 0);
    FloatVector x1 = b.mul(start + 1);
    FloatVector x2 = b.mul(start + 2);
    FloatVector x3 = b.mul(start + 3);
    FloatVector x4 = b.mul(start + 4);
    FloatVector x5 = b.mul(start + 5);
    FloatVector x6 = b.mul(start + 6);
    FloatVector x7 = b.mul(start + 7);
    FloatVector x8 = b.mul(start + 8);
    FloatVector x9 = b.mul(start + 9);
    FloatVector x10 = b.mul(start + 10);
    FloatVector x11 = b.mul(start + 11);
    for (int i = 0; i < iterations; i++) {
      x0 = x0.fma(a, b);
      x1 = x1.fma(a, b);
      x2 = x2.fma(a, b);
      x3 = x3.fma(a, b);
      x4 = x4.fma(a, b);
      x5 = x5.fma(a, b);
      x6 = x6.fma(a, b);
      x7 = x7.fma(a, b);
      x8 = x8.fma(a, b);
      x9 = x9.fma(a, b);
      x10 = x10.fma(a, b);
      x11 = x11.fma(a, b);
    }
    FloatVector low = x0.add(x1).add(x2.add(x3)).add(x4.add(x5));
    FloatVector high = x6.add(x7).add(x8.add(x9)).add(x10.add(x11));
    return Lanes.sum(low.add(high));
  }
}
