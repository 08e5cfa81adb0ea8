package birkhoff.ffi.openblas;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.ffi.openblas.OpenBlasCalls.Piece;

/**
 * The batch cut into pieces, each one call of the library: tiles of the result, and for long sums
 * also parts of the sum, which are added afterwards in order. The cut depends on the shape only, so
 * every element is computed the same way whatever the number of threads.
 *
 * @param rows of a tile, the last ones shorter
 * @param cols of a tile, the last ones shorter
 * @param terms of a part of the sum, the last one shorter
 * @param down tiles in a column of the result
 * @param across tiles in a row of the result
 * @param parts of the sum
 * @param tiles of the whole batch
 * @param perBlock pieces that one thread takes at a time
 */
record GemmTiles(
    int rows, int cols, int terms, int down, int across, int parts, long tiles, int perBlock) {
  // Multiples of the library's register block, and of a cache line of the result.
  private static final int ROW_STEP = 16;
  private static final int COL_STEP = 64;
  private static final int TERM_STEP = 64;
  private static final int FEWEST_TERMS = 192;
  // Less is not worth waking a thread.
  private static final long BLOCK_FLOPS = 1L << 21;
  private static final int MOST = 16;
  private static final long MOST_SCRATCH = 1L << 22;
  // What costs time, in multiply-adds (measured): packing an operand's element once more, and
  // writing and adding an element of one more part of the sum.
  private static final double PACK = 60;
  private static final double PACK_A_NT = 85;
  private static final double PACK_B_NT = 25;
  private static final double ADD = 70;
  // Teams that the cut should suit, and how much each counts.
  private static final int[] TEAMS = {2, 4, 8};
  private static final double[] WEIGHTS = {0.8, 0.17, 0.03};
  // Threads do not run equally fast: on average the others wait for a share of the last piece.
  private static final double TAIL = 0.2;

  /** One piece for every product: one call of the library, on one thread. */
  static GemmTiles whole(GemmShape shape) {
    return cut(shape, 1, 1, 1);
  }

  /**
   * The cut with the least expected time: few pieces pack less, many keep more threads busy.
   *
   * @param splitSums whether sums may be cut
   */
  static GemmTiles of(GemmShape shape, boolean splitSums) {
    long most = Math.clamp(shape.flops() / BLOCK_FLOPS, 1, MOST);
    GemmTiles best = cut(shape, 1, 1, 1);
    double least = best.cost(shape);
    for (int down = 1; (long) shape.batch() * down <= most; down *= 2) {
      for (int across = 1; (long) shape.batch() * down * across <= most; across *= 2) {
        for (int parts = 1; (long) shape.batch() * down * across * parts <= most; parts *= 2) {
          if (parts > 1 && (!splitSums || shape.k() / parts < FEWEST_TERMS)) {
            break;
          }
          GemmTiles next = cut(shape, down, across, parts);
          double cost = next.cost(shape);
          if (cost < least && next.scratch() <= MOST_SCRATCH) {
            least = cost;
            best = next;
          }
        }
      }
    }
    return best;
  }

  private static GemmTiles cut(GemmShape shape, int down, int across, int parts) {
    int rows = edge(shape.m(), down, ROW_STEP);
    int cols = edge(shape.n(), across, COL_STEP);
    int terms = edge(shape.k(), parts, TERM_STEP);
    int d = Math.ceilDiv(shape.m(), rows);
    int a = Math.ceilDiv(shape.n(), cols);
    int p = Math.ceilDiv(shape.k(), terms);
    long flops = Math.max(1, 2L * rows * cols * terms);
    int perBlock = p > 1 ? 1 : Math.clamp(BLOCK_FLOPS / flops, 1, 1024);
    return new GemmTiles(rows, cols, terms, d, a, p, (long) shape.batch() * d * a, perBlock);
  }

  private double cost(GemmShape shape) {
    boolean nt = !shape.transA() && shape.transB();
    double product = (double) shape.m() * shape.n();
    double packs =
        (nt ? PACK_A_NT : PACK) * shape.m() * (across - 1.0)
            + (nt ? PACK_B_NT : PACK) * shape.n() * (down - 1.0);
    double extra = packs / product + ADD * (parts - 1.0) / shape.k();
    double piece = (double) rows * cols * terms * perBlock / (product * shape.k() * shape.batch());
    double waiting = TAIL / blocks();
    for (int i = 0; i < TEAMS.length; i++) {
      waiting += WEIGHTS[i] * Math.ceilDiv(blocks(), TEAMS[i]) * TEAMS[i] * piece;
    }
    return (1 + extra) * waiting;
  }

  /** Blocks of {@link #perBlock} pieces. */
  int blocks() {
    return Math.toIntExact(Math.ceilDiv(tiles * parts, perBlock));
  }

  /** Elements of all parts of the sums but the first, which goes to the result. */
  long scratch() {
    return tiles * (parts - 1L) * rows * cols;
  }

  /** Part {@code part} of tile {@code tile}. */
  Piece piece(GemmShape shape, long tile, int part) {
    int i = (int) (tile / across % down) * rows;
    int j = (int) (tile % across) * cols;
    return new Piece(
        tile / across / down,
        i,
        Math.min(shape.m(), i + rows),
        j,
        Math.min(shape.n(), j + cols),
        part * terms,
        Math.min(shape.k(), (part + 1) * terms));
  }

  /** The longest of {@code parts} about equal parts, rounded up to a step. */
  private static int edge(int size, int parts, int step) {
    return Math.min(size, Math.ceilDiv(Math.ceilDiv(size, parts), step) * step);
  }
}
