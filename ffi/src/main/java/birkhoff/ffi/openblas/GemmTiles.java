package birkhoff.ffi.openblas;

import birkhoff.engine.kernel.GemmShape;

/**
 * The result cut into tiles, each one call of the library. The cut depends on the shape only, so
 * every element is computed the same way whatever the number of threads.
 *
 * @param rows of a tile, the last ones shorter
 * @param cols of a tile, the last ones shorter
 * @param down tiles in a column of the result
 * @param across tiles in a row of the result
 * @param total tiles of the whole batch
 * @param perBlock tiles that one thread takes at a time
 */
record GemmTiles(int rows, int cols, int down, int across, long total, int perBlock) {
  // Multiples of the library's register block, and of a cache line of the result.
  private static final int ROW_STEP = 16;
  private static final int COL_STEP = 64;
  // Less is not worth waking a thread.
  private static final long BLOCK_FLOPS = 1L << 21;
  private static final int MOST = 32;
  // Packing an operand's element once more costs the time of so many multiply-adds (measured).
  private static final double PACK = 60;
  private static final double PACK_A_NT = 85;
  private static final double PACK_B_NT = 25;
  // Teams that the cut should suit, and how much each counts.
  private static final int[] TEAMS = {2, 4, 8};
  private static final double[] WEIGHTS = {0.75, 0.2, 0.05};
  // Threads do not run equally fast: on average the others wait for a share of the last tile.
  private static final double TAIL = 0.3;

  /** The cut with the least expected time: few tiles pack less, many keep more threads busy. */
  static GemmTiles of(GemmShape shape) {
    long most = Math.clamp(shape.flops() / BLOCK_FLOPS, 1, MOST);
    GemmTiles best = cut(shape, 1, 1);
    double least = best.cost(shape);
    for (int down = 1; (long) shape.batch() * down <= most; down *= 2) {
      for (int across = 1; (long) shape.batch() * down * across <= most; across *= 2) {
        GemmTiles next = cut(shape, down, across);
        double cost = next.cost(shape);
        if (cost < least) {
          least = cost;
          best = next;
        }
      }
    }
    return best;
  }

  private static GemmTiles cut(GemmShape shape, int down, int across) {
    int rows = edge(shape.m(), down, ROW_STEP);
    int cols = edge(shape.n(), across, COL_STEP);
    int d = Math.ceilDiv(shape.m(), rows);
    int a = Math.ceilDiv(shape.n(), cols);
    long flops = Math.max(1, 2L * rows * cols * shape.k());
    int perBlock = Math.clamp(BLOCK_FLOPS / flops, 1, 1024);
    return new GemmTiles(rows, cols, d, a, (long) shape.batch() * d * a, perBlock);
  }

  private double cost(GemmShape shape) {
    boolean nt = !shape.transA() && shape.transB();
    double packs =
        (nt ? PACK_A_NT : PACK) * shape.m() * (across - 1.0)
            + (nt ? PACK_B_NT : PACK) * shape.n() * (down - 1.0);
    double product = (double) shape.m() * shape.n();
    double waiting = TAIL / blocks();
    double tile = (double) rows * cols * perBlock / (product * shape.batch());
    for (int i = 0; i < TEAMS.length; i++) {
      waiting += WEIGHTS[i] * Math.ceilDiv(blocks(), TEAMS[i]) * TEAMS[i] * tile;
    }
    return (1 + packs / product) * waiting;
  }

  /** Blocks of {@link #perBlock} tiles. */
  int blocks() {
    return Math.toIntExact(Math.ceilDiv(total, perBlock));
  }

  /** The longest of {@code parts} about equal parts, rounded up to a step. */
  private static int edge(int size, int parts, int step) {
    return Math.min(size, Math.ceilDiv(Math.ceilDiv(size, parts), step) * step);
  }
}
