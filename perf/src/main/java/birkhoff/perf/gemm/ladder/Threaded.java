package birkhoff.perf.gemm.ladder;

import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.perf.gemm.Matrices;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * {@link Packed} with the strips of {@code B}, then the blocks of {@code A}, handed out to threads.
 * Each element of {@code C} is summed by one thread in the order of the terms: the bits do not
 * depend on their number.
 */
final class Threaded implements Rung {
  private final ThreadTeam team;
  private final MemorySegment packedB;

  /** For matrices of at most {@code n} rows. */
  Threaded(ThreadTeam team, Arena arena, int n) {
    this.team = team;
    packedB = Matrices.zeros(arena, (long) n * Packed.TERMS);
  }

  @Override
  public void multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    c.asSlice(0, (long) n * n * Float.BYTES).fill((byte) 0);
    long bytes = (long) Packed.ROWS * Packed.TERMS * Float.BYTES;
    for (int k = 0; k < n; k += Packed.TERMS) {
      int from = k;
      int terms = Math.min(Packed.TERMS, n - k);
      team.run(
          n / Tile.COLUMNS,
          (strip, worker) -> Packed.packStrip(n, b, from, strip * Tile.COLUMNS, terms, packedB));
      team.run(
          n / Packed.ROWS,
          (block, worker) -> {
            MemorySegment packedA = team.scratch(worker, bytes);
            Packed.packRows(n, a, block * Packed.ROWS, from, terms, packedA);
            Packed.multiplyRows(n, block * Packed.ROWS, terms, packedA, packedB, c);
          });
    }
  }
}
