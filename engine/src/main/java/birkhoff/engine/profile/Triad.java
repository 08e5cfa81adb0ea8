package birkhoff.engine.profile;

import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.NativeBlock;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * {@code a = b + s·c} on arrays that no cache holds (McCalpin's STREAM triad, 1995). Counts the
 * three arrays once; the hardware also reads {@code a} before it is overwritten.
 */
final class Triad {
  private static final long ARRAY = 96L << 20;
  private static final long PIECE = 1L << 20;
  private static final int ROUNDS = 8;
  private static final int WARM_UP = 3;
  private static final float S = 0.5f;

  private Triad() {}

  /** Bytes per second, the best of a few rounds; needs 288 MiB of native memory meanwhile. */
  static double measure(ThreadTeam team) {
    try (var block = new NativeBlock("bandwidth probe", new MemoryLedger(), 3 * ARRAY)) {
      MemorySegment memory = block.memory();
      memory.fill((byte) 0);
      int pieces = Math.toIntExact(ARRAY / PIECE);
      double best = 0;
      for (int round = 0; round < WARM_UP + ROUNDS; round++) {
        long start = System.nanoTime();
        team.run(
            pieces,
            (piece, worker) ->
                triad(
                    memory.asSlice(piece * PIECE, PIECE),
                    memory.asSlice(ARRAY + piece * PIECE, PIECE),
                    memory.asSlice(2 * ARRAY + piece * PIECE, PIECE)));
        double seconds = (System.nanoTime() - start) / 1e9;
        if (round >= WARM_UP) {
          best = Math.max(best, 3.0 * ARRAY / seconds);
        }
      }
      return best;
    }
  }

  private static void triad(MemorySegment a, MemorySegment b, MemorySegment c) {
    for (long at = 0; at < PIECE; at += Lanes.BYTES) {
      FloatVector product = FloatVector.fromMemorySegment(Lanes.F, c, at, Lanes.ORDER).mul(S);
      FloatVector.fromMemorySegment(Lanes.F, b, at, Lanes.ORDER)
          .add(product)
          .intoMemorySegment(a, at, Lanes.ORDER);
    }
  }
}
