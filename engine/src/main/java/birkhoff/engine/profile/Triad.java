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
final class Triad implements SpeedProbe {
  private static final long ARRAY = 96L << 20;
  private static final long PIECE = 1L << 20;
  private static final int PIECES = Math.toIntExact(ARRAY / PIECE);
  private static final int WARM_UP = 3;
  private static final float S = 0.5f;

  private final ThreadTeam team;
  private final NativeBlock block =
      new NativeBlock("bandwidth probe", new MemoryLedger(), 3 * ARRAY);

  /** Takes 288 MiB of native memory. */
  Triad(ThreadTeam team) {
    this.team = team;
    block.memory().fill((byte) 0);
    for (int i = 0; i < WARM_UP; i++) {
      round();
    }
  }

  @Override
  public double round() {
    MemorySegment memory = block.memory();
    long start = System.nanoTime();
    team.run(
        PIECES,
        (piece, worker) ->
            triad(
                memory.asSlice(piece * PIECE, PIECE),
                memory.asSlice(ARRAY + piece * PIECE, PIECE),
                memory.asSlice(2 * ARRAY + piece * PIECE, PIECE)));
    return 3.0 * ARRAY / ((System.nanoTime() - start) / 1e9);
  }

  @Override
  public void close() {
    block.close();
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
