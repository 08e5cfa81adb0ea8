package birkhoff.ffi.onednn;

import birkhoff.engine.kernel.GemmShape;

/**
 * The batch cut into tiles of the result, each one call of the library on one thread. The cut
 * depends on the shape only, so every element is computed the same way whatever the number of
 * threads.
 *
 * @param rows of a tile, the last ones shorter
 * @param cols of a tile, the last ones shorter
 * @param down tiles in a column of the result
 * @param across tiles in a row of the result
 */
record MatmulTiles(int rows, int cols, int down, int across) {
  private static final int ROW_STEP = 32;
  private static final int COL_STEP = 64;
  // Less is not worth waking a thread.
  private static final long TILE_FLOPS = 1L << 23;
  private static final int MOST = 16;
  // What packing an operand's element once more costs, in multiply-adds (measured). A row-major A
  // is
  // read in place.
  private static final double PACK = 15;
  private static final double READ = 1.5;
  // Teams that the cut should suit, and how much each counts.
  private static final int[] TEAMS = {2, 4, 8};
  private static final double[] WEIGHTS = {0.8, 0.17, 0.03};
  // Threads do not run equally fast: on average the others wait for a share of the last tile.
  private static final double TAIL = 0.2;

  /** The cut with the least expected time: few tiles pack less, many keep more threads busy. */
  static MatmulTiles of(GemmShape shape) {
    long most = Math.clamp(shape.flops() / TILE_FLOPS, 1, MOST);
    MatmulTiles best = cut(shape, 1, 1);
    double least = best.cost(shape);
    for (int down = 1; (long) shape.batch() * down <= most; down *= 2) {
      for (int across = 1; (long) shape.batch() * down * across <= most; across *= 2) {
        MatmulTiles next = cut(shape, down, across);
        double cost = next.cost(shape);
        if (cost < least) {
          least = cost;
          best = next;
        }
      }
    }
    return best;
  }

  private static MatmulTiles cut(GemmShape shape, int down, int across) {
    int rows = edge(shape.m(), down, ROW_STEP);
    int cols = edge(shape.n(), across, COL_STEP);
    return new MatmulTiles(
        rows, cols, Math.ceilDiv(shape.m(), rows), Math.ceilDiv(shape.n(), cols));
  }

  private double cost(GemmShape shape) {
    double packs =
        PACK * (down - 1.0) / shape.m()
            + (shape.transA() ? PACK : READ) * (across - 1.0) / shape.n();
    double tile = (double) rows * cols / ((double) shape.m() * shape.n() * shape.batch());
    int tiles = tiles(shape);
    double waiting = TAIL / tiles;
    for (int i = 0; i < TEAMS.length; i++) {
      waiting += WEIGHTS[i] * Math.ceilDiv(tiles, TEAMS[i]) * TEAMS[i] * tile;
    }
    return (1 + packs) * waiting;
  }

  /** Tiles of the whole batch. */
  int tiles(GemmShape shape) {
    return Math.multiplyExact(shape.batch(), down * across);
  }

  /** The longest of {@code parts} about equal parts, rounded up to a step. */
  private static int edge(int size, int parts, int step) {
    return Math.min(size, Math.ceilDiv(Math.ceilDiv(size, parts), step) * step);
  }
}
