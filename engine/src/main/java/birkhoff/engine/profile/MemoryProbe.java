package birkhoff.engine.profile;

import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.NativeBlock;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads one large piece of memory with all threads of a team, as fast as loads alone can, whenever
 * asked: what a machine gives may change from second to second, so the limit of some work is
 * measured beside it, again and again. Not thread-safe.
 */
public final class MemoryProbe implements AutoCloseable {
  /** Far more than caches hold. */
  private static final long LEAST_BYTES = 1L << 26;

  private static final long PIECE = 1L << 20;

  private final ThreadTeam team;
  private final NativeBlock block;
  private final float[] sink;

  /**
   * @param bytes to read each time, at least 64 MiB; native memory that is held until closed
   */
  public MemoryProbe(ThreadTeam team, long bytes) {
    this.team = team;
    int pieces = Math.toIntExact(Math.max(LEAST_BYTES, bytes) / PIECE);
    this.sink = new float[pieces];
    this.block = new NativeBlock("memory probe", new MemoryLedger(), pieces * PIECE);
    fill(team, block.memory());
  }

  /** No zeros: a host may keep equal pages once, and they would then come from a cache. */
  static void fill(ThreadTeam team, MemorySegment memory) {
    team.run(
        Partition.elements(memory.byteSize() / Float.BYTES),
        (lo, hi, worker) -> {
          for (long i = lo; i < hi; i++) {
            // Multiplicative hashing: no two pages are alike.
            int bits = (int) (i * 0x9e3779b97f4a7c15L >>> 41);
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, bits * 0x1p-23f);
          }
        });
  }

  /**
   * Bytes per second now: everything once in one stream per thread and once in four, the better.
   */
  public double bytesPerSecond() {
    return Math.max(pass(false), pass(true));
  }

  private double pass(boolean streams) {
    MemorySegment memory = block.memory();
    long start = System.nanoTime();
    team.run(
        sink.length,
        (part, worker) -> {
          MemorySegment mine = memory.asSlice((long) part * PIECE, PIECE);
          sink[part] =
              streams ? ReadBandwidth.readFour(mine, PIECE) : ReadBandwidth.read(mine, PIECE);
        });
    double seconds = (System.nanoTime() - start) / 1e9;
    if (!Float.isFinite(sink[0])) {
      throw new IllegalStateException("small numbers have a finite sum");
    }
    return sink.length * PIECE / seconds;
  }

  @Override
  public void close() {
    block.close();
  }
}
