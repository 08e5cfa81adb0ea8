package birkhoff.engine.profile;

import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.NativeBlock;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Measures how fast all threads of a team together read memory of their own, again and again: in
 * one stream per thread and in four, the better of them.
 */
final class ReadBandwidth implements SpeedProbe {
  private static final long BYTES_PER_ROUND = 1L << 28;
  private static final long WAKING = 8L << 20;
  private static final int WARM_UP = 4;
  private static final int STEP = 8 * Lanes.BYTES;
  private static final int FOUR_STREAMS = 4 * STEP;

  private final ThreadTeam team;
  private final long own;
  private final int repeats;
  private final float[] sink;
  private final NativeBlock block;

  /** Takes {@code bytes} of native memory for each thread. */
  ReadBandwidth(ThreadTeam team, long bytes) {
    this.team = team;
    this.own = Math.max(FOUR_STREAMS, bytes / FOUR_STREAMS * FOUR_STREAMS);
    this.repeats = (int) Math.max(1, BYTES_PER_ROUND / own);
    this.sink = new float[team.size()];
    this.block = new NativeBlock("bandwidth probe", new MemoryLedger(), own * team.size());
    MemoryProbe.fill(team, block.memory());
    for (int i = 0; i < WARM_UP; i++) {
      pass(own, repeats, i % 2 == 1);
    }
  }

  @Override
  public double round() {
    // Wakes the workers and brings back to the caches what other probes displaced.
    pass(Math.min(own, WAKING), 1, false);
    double best = Math.max(timed(false), timed(true));
    if (!Float.isFinite(sink[0])) {
      throw new IllegalStateException("small numbers have a finite sum");
    }
    return best;
  }

  private double timed(boolean streams) {
    long start = System.nanoTime();
    pass(own, repeats, streams);
    return own * (double) repeats * team.size() / ((System.nanoTime() - start) / 1e9);
  }

  private void pass(long bytes, int times, boolean streams) {
    MemorySegment memory = block.memory();
    team.run(
        team.size(),
        (part, worker) -> {
          MemorySegment mine = memory.asSlice(part * own, own);
          float sum = 0;
          for (int i = 0; i < times; i++) {
            sum += streams ? readFour(mine, bytes) : read(mine, bytes);
          }
          sink[part] = sum;
        });
  }

  @Override
  public void close() {
    block.close();
  }

  /** Four quarters side by side: the hardware reads ahead in each of them. */
  static float readFour(MemorySegment m, long bytes) {
    long quarter = bytes / 4;
    FloatVector s0 = FloatVector.zero(Lanes.F);
    FloatVector s1 = FloatVector.zero(Lanes.F);
    FloatVector s2 = FloatVector.zero(Lanes.F);
    FloatVector s3 = FloatVector.zero(Lanes.F);
    for (long at = 0; at < quarter; at += Lanes.BYTES) {
      s0 = at(m, at).add(s0);
      s1 = at(m, at + quarter).add(s1);
      s2 = at(m, at + 2 * quarter).add(s2);
      s3 = at(m, at + 3 * quarter).add(s3);
    }
    return Lanes.sum(s0.add(s1).add(s2.add(s3)));
  }

  static float read(MemorySegment m, long bytes) {
    FloatVector s0 = FloatVector.zero(Lanes.F);
    FloatVector s1 = FloatVector.zero(Lanes.F);
    FloatVector s2 = FloatVector.zero(Lanes.F);
    FloatVector s3 = FloatVector.zero(Lanes.F);
    for (long at = 0; at < bytes; at += STEP) {
      s0 = at(m, at).add(s0).add(at(m, at + Lanes.BYTES));
      s1 = at(m, at + 2L * Lanes.BYTES).add(s1).add(at(m, at + 3L * Lanes.BYTES));
      s2 = at(m, at + 4L * Lanes.BYTES).add(s2).add(at(m, at + 5L * Lanes.BYTES));
      s3 = at(m, at + 6L * Lanes.BYTES).add(s3).add(at(m, at + 7L * Lanes.BYTES));
    }
    return Lanes.sum(s0.add(s1).add(s2.add(s3)));
  }

  private static FloatVector at(MemorySegment m, long offset) {
    return FloatVector.fromMemorySegment(Lanes.F, m, offset, Lanes.ORDER);
  }
}
