package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmMicroKernel.COLUMNS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.MAX_DEPTH;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROWS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_BYTES;

/**
 * How one product is cut. Depends on its sizes only.
 *
 * @param depth elements of k that are summed in registers before C is updated
 * @param depths how many such blocks of B are packed together
 * @param columns columns of B that are packed together, a multiple of the tile's
 * @param taskRows rows of a task, a multiple of the tile's
 * @param taskColumns columns of a task, a multiple of the tile's
 */
record GemmBlocking(int depth, int depths, int columns, int taskRows, int taskColumns) {
  // Packed B at a time. It is read again for every tile row, so it should stay in the second-level
  // cache; but every part costs two waits for the slowest thread.
  private static final long PACKED_BYTES = 1L << 20;
  // Rows of a task; B's panels are streamed once for each tile row, A stays in the first level.
  // Where A lies transposed its rows are short pieces of memory; longer ones are read faster.
  private static final int MAX_TASK_ROWS = 144;
  private static final int MAX_TASK_ROWS_TRANSPOSED = 288;
  private static final int MAX_TASK_COLUMNS = 512;
  private static final int MIN_TASKS = 6;
  private static final long MAX_SHARED = 1L << 18;
  private static final long MIN_TASK_WORK = 1L << 20;

  static GemmBlocking of(boolean transA, int m, int n, int k) {
    int blocks = ceil(k, MAX_DEPTH);
    int depth = roundUp(ceil(k, blocks), 16);
    int columns = roundUp(n, COLUMNS);
    long line = (long) depth * Float.BYTES;
    long depths = PACKED_BYTES / (line * Math.min(columns, MAX_TASK_COLUMNS));
    depths = Math.clamp(depths, 1, blocks);
    long most = Math.max(1, PACKED_BYTES / (line * depths * COLUMNS));
    int parts = ceil(ceil(columns, COLUMNS), (int) most);
    columns = roundUp(ceil(columns, parts), COLUMNS);

    int down = ceil(m, transA ? MAX_TASK_ROWS_TRANSPOSED : MAX_TASK_ROWS);
    int across = ceil(columns, MAX_TASK_COLUMNS);
    long work = (long) m * columns * Math.min(k, depth * depths);
    while (down * across < MIN_TASKS && work / down / across >= 2 * MIN_TASK_WORK) {
      if (ceil(m, down) >= ceil(columns, across) && ceil(m, down) > 2 * ROWS) {
        down++;
      } else if (ceil(columns, across) > 2 * COLUMNS) {
        across++;
      } else {
        break;
      }
    }
    return new GemmBlocking(
        depth,
        (int) depths,
        columns,
        roundUp(ceil(m, down), ROWS),
        roundUp(ceil(columns, across), COLUMNS));
  }

  /** Whether all of A's rows are packed once for all tasks: several would pack the same few. */
  boolean sharesRows(int m) {
    return columns > taskColumns && (long) m * depth * depths <= MAX_SHARED;
  }

  /** Bytes of one packed panel of B. */
  long panelBytes() {
    return depth * ROW_BYTES;
  }

  static int ceil(int size, int part) {
    return (int) ((size + (long) part - 1) / part);
  }

  static long roundUp(long size, long multiple) {
    return (size + multiple - 1) / multiple * multiple;
  }

  static int roundUp(int size, int multiple) {
    return ceil(size, multiple) * multiple;
  }
}
