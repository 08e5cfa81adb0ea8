package birkhoff.engine.profile;

import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.NativeBlock;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Measures how fast all threads of a team together read memory, again and again: in one stream per
 * thread and in four, the better of them.
 */
final class ReadBandwidth {
  private static final long BYTES_PER_ROUND = 1L << 28;
  private static final int ROUNDS = 8;
  private static final int WARM_UP = 4;
  private static final int STEP = 8 * Lanes.BYTES;
  private static final int FOUR_STREAMS = 4 * STEP;
  private static final long PIECE = 1L << 20;

  private final ThreadTeam team;
  private final long own;
  private final int repeats;
  private final float[] sink;
  private final NativeBlock block;

  /** Bytes per second, the best of a few rounds, with {@code bytes} for each thread. */
  static double measure(ThreadTeam team, long bytes) {
    long own = Math.max(FOUR_STREAMS, bytes / FOUR_STREAMS * FOUR_STREAMS);
    int repeats = (int) Math.max(1, BYTES_PER_ROUND / own);
    // What no cache holds may be read by any thread, so nobody waits for one that lost its core.
    boolean shared = repeats == 1 && own % PIECE == 0;
    long piece = shared ? PIECE : own;
    int pieces = Math.toIntExact(own * team.size() / piece);
    float[] sink = new float[pieces];
    try (var block = new NativeBlock("bandwidth probe", new MemoryLedger(), own * team.size())) {
      MemorySegment memory = block.memory();
      MemoryProbe.fill(team, memory);
      double best = 0;
      for (int round = 0; round < WARM_UP + ROUNDS; round++) {
        boolean streams = round % 2 == 1;
        long start = System.nanoTime();
        team.run(
            pieces,
            (part, worker) -> {
              MemorySegment mine = memory.asSlice(part * piece, piece);
              float sum = 0;
              for (int i = 0; i < repeats; i++) {
                sum += streams ? readFour(mine, piece) : read(mine, piece);
              }
              sink[part] = sum;
            });
        double seconds = (System.nanoTime() - start) / 1e9;
        if (round >= WARM_UP) {
          best = Math.max(best, own * (double) repeats * team.size() / seconds);
        }
      }
      if (!Float.isFinite(sink[0])) {
        throw new IllegalStateException("small numbers have a finite sum");
      }
      return best;
    }
  }

  /** Four quarters side by side: the hardware reads ahead in each of them. */
  static float readFour(MemorySegment m, long bytes) {
    long quarter = bytes / 4;
    FloatVector s0 = FloatVector.zero(Lanes.F);
    FloatVector s1 = FloatVector.zero(Lanes.F);
    FloatVector s2 = FloatVector.zero(Lanes.F);
    FloatVector s3 = FloatVector.zero(Lanes.F);
    for (long at = 0; at < quarter; at += Lanes.BYTES) {
      s0 = s0.add(at(m, at));
      s1 = s1.add(at(m, at + quarter));
      s2 = s2.add(at(m, at + 2 * quarter));
      s3 = s3.add(at(m, at + 3 * quarter));
    }
    return Lanes.sum(s0.add(s1).add(s2.add(s3)));
  }

  static float read(MemorySegment m, long bytes) {
    FloatVector s0 = FloatVector.zero(Lanes.F);
    FloatVector s1 = FloatVector.zero(Lanes.F);
    FloatVector s2 = FloatVector.zero(Lanes.F);
    FloatVector s3 = FloatVector.zero(Lanes.F);
    for (long at = 0; at < bytes; at += STEP) {
      s0 = s0.add(at(m, at)).add(at(m, at + Lanes.BYTES));
      s1 = s1.add(at(m, at + 2L * Lanes.BYTES)).add(at(m, at + 3L * Lanes.BYTES));
      s2 = s2.add(at(m, at + 4L * Lanes.BYTES)).add(at(m, at + 5L * Lanes.BYTES));
      s3 = s3.add(at(m, at + 6L * Lanes.BYTES)).add(at(m, at + 7L * Lanes.BYTES));
    }
    return Lanes.sum(s0.add(s1).add(s2.add(s3)));
  }

  private static FloatVector at(MemorySegment m, long offset) {
    return FloatVector.fromMemorySegment(Lanes.F, m, offset, Lanes.ORDER);
  }
}
