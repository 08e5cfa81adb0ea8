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
  // Edges are multiples of the library's register block, and of a cache line of the result.
  private static final int ROW_STEP = 16;
  private static final int COL_STEP = 64;
  // Below about this side, packing the operands of a tile costs more than a few per cent.
  private static final int SIDE = 512;
  private static final int SMALLEST_SIDE = 128;
  private static final int WANTED = 16;
  private static final long BLOCK_FLOPS = 1L << 21;

  static GemmTiles of(GemmShape shape) {
    int rows = edge(shape.m(), SIDE, ROW_STEP);
    int cols = edge(shape.n(), SIDE, COL_STEP);
    while (tiles(shape, rows, cols) < WANTED) {
      boolean wide = cols >= rows;
      if (wide && cols >= 2 * SMALLEST_SIDE) {
        cols = edge(shape.n(), cols / 2, COL_STEP);
      } else if (rows >= 2 * SMALLEST_SIDE) {
        rows = edge(shape.m(), rows / 2, ROW_STEP);
      } else if (cols >= 2 * SMALLEST_SIDE) {
        cols = edge(shape.n(), cols / 2, COL_STEP);
      } else {
        break;
      }
    }
    int down = Math.ceilDiv(shape.m(), rows);
    int across = Math.ceilDiv(shape.n(), cols);
    long flops = Math.max(1, 2L * rows * cols * shape.k());
    int perBlock = Math.toIntExact(Math.clamp(BLOCK_FLOPS / flops, 1, 1024));
    return new GemmTiles(rows, cols, down, across, (long) shape.batch() * down * across, perBlock);
  }

  /** Blocks of {@link #perBlock} tiles. */
  int blocks() {
    return Math.toIntExact(Math.ceilDiv(total, perBlock));
  }

  private static long tiles(GemmShape shape, int rows, int cols) {
    return (long) shape.batch() * Math.ceilDiv(shape.m(), rows) * Math.ceilDiv(shape.n(), cols);
  }

  /** Equal parts of {@code size}, none above {@code limit} by more than a step. */
  private static int edge(int size, int limit, int step) {
    int parts = Math.ceilDiv(size, limit);
    return Math.min(size, Math.ceilDiv(Math.ceilDiv(size, parts), step) * step);
  }
}
