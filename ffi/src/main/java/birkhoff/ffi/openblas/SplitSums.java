package birkhoff.ffi.openblas;

import birkhoff.engine.memory.Segments;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.ffi.openblas.OpenBlasCalls.Call;
import birkhoff.ffi.openblas.OpenBlasCalls.Piece;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A product whose sums are cut into parts. The first part of a tile goes to the result, each other
 * to a slot of its own; then all are added in the order of the parts, so the bits do not depend on
 * who computed what. float32 only.
 */
final class SplitSums {
  private static final long ADD_ELEMENTS = 1L << 16;

  private final OpenBlasCalls calls;
  private final GemmTiles cut;

  SplitSums(OpenBlasCalls calls, GemmTiles cut) {
    this.calls = calls;
    this.cut = cut;
  }

  /** Both rounds under one hold: nobody else may use the slots in between. */
  void run(ThreadTeam team) {
    try (var hold = team.hold()) {
      long slot = Segments.align((long) cut.rows() * cut.cols() * Float.BYTES);
      int tiles = Math.toIntExact(cut.tiles());
      MemorySegment slots = hold.shared(tiles * (cut.parts() - 1L) * slot);
      List<Call> products = new ArrayList<>();
      List<Call[]> sums = new ArrayList<>();
      for (int tile = 0; tile < tiles; tile++) {
        MemorySegment own = slots.asSlice(tile * (cut.parts() - 1L) * slot);
        for (int part = 0; part < cut.parts(); part++) {
          Piece piece = cut.piece(calls.shape(), tile, part);
          products.add(
              part == 0
                  ? calls.intoResult(piece)
                  : calls.intoRows(piece, own.asSlice((part - 1L) * slot, slot)));
        }
        addTile(cut.piece(calls.shape(), tile, 0), own, slot, sums);
      }
      Call[] first = products.toArray(Call[]::new);
      Call[][] second = sums.toArray(Call[][]::new);
      team.run(first.length, (block, worker) -> first[block].run());
      team.run(
          second.length,
          (block, worker) -> {
            for (Call call : second[block]) {
              call.run();
            }
          });
    }
  }

  /** Blocks of rows of one tile, the parts added in order. */
  private void addTile(Piece piece, MemorySegment slots, long slot, List<Call[]> sums) {
    int step = (int) Math.max(1, ADD_ELEMENTS / cut.cols());
    for (int lo = 0; lo < piece.rows(); lo += step) {
      int hi = Math.min(piece.rows(), lo + step);
      List<Call> block = new ArrayList<>();
      for (int part = 1; part < cut.parts(); part++) {
        calls.addRows(piece, slots.asSlice((part - 1L) * slot, slot), lo, hi, block);
      }
      sums.add(block.toArray(Call[]::new));
    }
  }
}
