package birkhoff.ffi.openblas;

import birkhoff.engine.memory.Segments;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.ffi.openblas.OpenBlasCalls.Piece;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A product whose sums are cut into parts. The first part of a tile goes to the result, each other
 * to the scratch memory of the worker that computes it; then all are added in the order of the
 * parts, so the bits do not depend on who computed what. One use; float32 only.
 */
final class SplitSums {
  private static final long SPIN_NANOS = 20_000;
  private static final long ADD_ELEMENTS = 1L << 16;

  private final OpenBlasCalls calls;
  private final GemmTiles cut;
  private final ThreadTeam team;
  private final int pieces;
  private final int rowsPerAdd;
  private final int addsPerTile;
  private final MemorySegment[] partials;
  private final AtomicInteger done = new AtomicInteger();

  SplitSums(OpenBlasCalls calls, GemmTiles cut, ThreadTeam team) {
    this.calls = calls;
    this.cut = cut;
    this.team = team;
    this.pieces = cut.blocks();
    this.rowsPerAdd = (int) Math.max(1, ADD_ELEMENTS / cut.cols());
    this.addsPerTile = Math.ceilDiv(cut.rows(), rowsPerAdd);
    this.partials = new MemorySegment[pieces];
  }

  /** One run of the team, so that nobody else can ask for the scratch memory in between. */
  void run() {
    team.run(
        pieces + Math.toIntExact(cut.tiles()) * addsPerTile,
        (block, worker) -> {
          if (block < pieces) {
            multiply(block, worker);
          } else {
            await();
            if (done.get() > pieces) {
              return;
            }
            add((block - pieces) / addsPerTile, (block - pieces) % addsPerTile);
          }
        });
  }

  private void multiply(int index, int worker) {
    boolean finished = false;
    try {
      int part = index % cut.parts();
      Piece piece = cut.piece(calls.shape(), index / cut.parts(), part);
      if (part == 0) {
        calls.intoResult(piece);
      } else {
        // The same slot whoever computes it; its contents do not depend on the worker.
        long slot = Segments.align((long) cut.rows() * cut.cols() * Float.BYTES);
        long at = index / cut.parts() * (cut.parts() - 1L) + part - 1;
        MemorySegment all = team.scratch(worker, cut.tiles() * (cut.parts() - 1) * slot);
        partials[index] = all.asSlice(at * slot, slot);
        calls.intoRows(piece, partials[index]);
      }
      finished = true;
    } finally {
      // After a failure nobody may wait for pieces that will not come.
      done.addAndGet(finished ? 1 : 2 * pieces);
    }
  }

  private void await() {
    long start = System.nanoTime();
    while (done.get() < pieces) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(SPIN_NANOS);
      }
    }
  }

  private void add(int tile, int index) {
    Piece piece = cut.piece(calls.shape(), tile, 0);
    int lo = index * rowsPerAdd;
    int hi = Math.min(piece.rows(), lo + rowsPerAdd);
    for (int part = 1; part < cut.parts() && lo < hi; part++) {
      calls.addRows(piece, partials[tile * cut.parts() + part], lo, hi);
    }
  }
}
