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
 * @param bandColumns columns whose panels one pass over a task's rows uses, a multiple of the
 *     tile's
 * @param sharesRows whether all rows of A are packed once for all tasks, because several tasks
 *     would pack the same ones or because A's lines, where it lies transposed, are read faster
 *     whole
 */
record GemmBlocking(
    int depth,
    int depths,
    int columns,
    int taskRows,
    int taskColumns,
    int bandColumns,
    boolean sharesRows) {
  // Packed B at a time: a part of the third-level cache. Every part costs two waits for the slowest
  // thread and an update of C.
  private static final long PACKED_BYTES = 4L << 20;
  // Panels of a band are read again for every tile row, so they should stay in the second level.
  private static final long BAND_BYTES = 5L << 17;
  // Rows of a task; B's panels are streamed once for each tile row, A stays in the first level.
  // Where A lies transposed its rows are short pieces of memory; longer ones are read faster.
  private static final int MAX_TASK_ROWS = 144;
  private static final int MAX_TASK_ROWS_TRANSPOSED = 288;
  private static final int MIN_TASKS = 6;
  // Many tasks are cut so that two or four threads get as many each.
  private static final int TASKS_MULTIPLE = 4;
  private static final long SHARED_BYTES = 4L << 20;
  private static final long MIN_TASK_WORK = 1L << 20;

  static GemmBlocking of(boolean transA, int m, int n, int k) {
    int blocks = ceil(k, MAX_DEPTH);
    int depth = roundUp(ceil(k, blocks), 16);
    long line = (long) depth * Float.BYTES;
    int columns = even(n, PACKED_BYTES / line);
    boolean sharesLines = transA && blocks > 1 && m * line <= SHARED_BYTES;
    long most = PACKED_BYTES / (line * columns);
    if (sharesLines) {
      most = Math.min(most, SHARED_BYTES / (m * line));
    }
    int depths = ceil(blocks, ceil(blocks, Math.clamp(most, 1, blocks)));

    int down = ceil(m, transA && !sharesLines ? MAX_TASK_ROWS_TRANSPOSED : MAX_TASK_ROWS);
    if (down > TASKS_MULTIPLE) {
      down = roundUp(down, TASKS_MULTIPLE);
    }
    int across = 1;
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
    int taskColumns = roundUp(ceil(columns, across), COLUMNS);
    boolean sharesRows = sharesLines || columns > taskColumns && m * line * depths <= SHARED_BYTES;
    return new GemmBlocking(
        depth,
        depths,
        columns,
        roundUp(ceil(m, down), ROWS),
        taskColumns,
        even(taskColumns, BAND_BYTES / line),
        sharesRows);
  }

  // The length of the fewest equal pieces of n columns that are at most that long.
  private static int even(int n, long most) {
    int panels = ceil(n, COLUMNS);
    int parts = ceil(panels, (int) Math.max(1, most / COLUMNS));
    return roundUp(ceil(n, parts), COLUMNS);
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
