package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmBlocking.ceil;
import static birkhoff.engine.kernel.vector.GemmBlocking.roundUp;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.COLUMNS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.PANEL_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_PITCH;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.TILE;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;

/**
 * One call of {@link VectorGemm}: blocks over the columns and the depth of B; each is packed, then
 * used by tasks that pack their own rows of A.
 */
final class GemmProduct {
  // Panels of B that one packing task fills: several, where they share the rows of B in memory.
  private static final int PACK_PANELS = 8;
  private static final int PACK_PANELS_TRANSPOSED = 2;
  private static final long WORKER_BYTES = 1L << 20;

  // Heap scratch of a worker: result tile, block to transpose, rows of A.
  private static final int WORK_AT = TILE;
  private static final int A_AT = WORK_AT + GemmTranspose.WORK;

  private final GemmShape shape;
  private final float alpha;
  private final float beta;
  private final MemorySegment a;
  private final MemorySegment b;
  private final MemorySegment c;
  private final GemmBlocking cut;

  GemmProduct(
      GemmShape shape, float alpha, MemorySegment a, MemorySegment b, float beta, MemorySegment c) {
    this.shape = shape;
    this.alpha = alpha;
    this.beta = beta;
    this.a = a;
    this.b = b;
    this.c = c;
    this.cut = GemmBlocking.of(shape.transA(), shape.m(), shape.n(), shape.k());
  }

  /** Bytes that packed B takes at a time; the micro-kernel's slices reach beyond the last panel. */
  long packedBytes() {
    return (long) cut.depths() * (cut.columns() / COLUMNS) * cut.panelBytes() + PANEL_BYTES;
  }

  /** Floats that packed A takes where all tasks share it; 0 where each task packs its rows. */
  int sharedRows() {
    return cut.sharesRows(shape.m())
        ? cut.depths() * ceil(shape.m(), cut.taskRows()) * bandRows() * ROW_PITCH
        : 0;
  }

  // Transposing fills whole vectors; a tile never reaches beyond the rows of a task.
  private int bandRows() {
    return roundUp(cut.taskRows(), Lanes.LENGTH);
  }

  /** Whether packed B is small enough to have one for each worker. */
  boolean fitsWorker() {
    return packedBytes() - PANEL_BYTES <= WORKER_BYTES;
  }

  /** Product {@code i} of the batch by one worker. */
  void alone(ThreadTeam team, int worker, int i) {
    MemorySegment packed = team.scratch(worker, packedBytes());
    for (int j = 0; j < shape.n(); j += cut.columns()) {
      for (int p = 0; p < shape.k(); p += cut.depth() * cut.depths()) {
        var part = new Part(i, j, p, packed, null);
        for (int block = 0; block < part.packs(); block++) {
          part.pack(team, worker, block);
        }
        for (int block = 0; block < part.tasks(); block++) {
          part.multiply(team, worker, block);
        }
      }
    }
  }

  /** Product {@code i} of the batch by the whole team. */
  void together(ThreadTeam team, MemorySegment packed, float[] rows, int i) {
    for (int j = 0; j < shape.n(); j += cut.columns()) {
      for (int p = 0; p < shape.k(); p += cut.depth() * cut.depths()) {
        var part = new Part(i, j, p, packed, sharedRows() > 0 ? rows : null);
        team.run(part.packs(), (block, worker) -> part.pack(team, worker, block));
        team.run(part.tasks(), (block, worker) -> part.multiply(team, worker, block));
      }
    }
  }

  private float[] scratch(ThreadTeam team, int worker) {
    return team.floats(worker, A_AT + bandRows() * ROW_PITCH);
  }

  /** The columns from {@code firstColumn} and the depth from {@code firstDepth}. */
  private final class Part {
    private final long product;
    private final int firstColumn;
    private final int columns;
    private final int firstDepth;
    private final int depth;
    private final MemorySegment packed;
    // Packed A of all tasks, or null.
    private final float[] shared;

    Part(int product, int firstColumn, int firstDepth, MemorySegment packed, float[] shared) {
      this.product = product;
      this.firstColumn = firstColumn;
      this.columns = Math.min(cut.columns(), shape.n() - firstColumn);
      this.firstDepth = firstDepth;
      this.depth = Math.min(cut.depth() * cut.depths(), shape.k() - firstDepth);
      this.packed = packed;
      this.shared = shared;
    }

    int packs() {
      return columnPacks() + (shared == null ? 0 : bands() * ceil(depth, cut.depth()));
    }

    private int packWidth() {
      return (shape.transB() ? PACK_PANELS_TRANSPOSED : PACK_PANELS) * COLUMNS;
    }

    private int columnPacks() {
      return ceil(columns, packWidth()) * ceil(depth, cut.depth());
    }

    private int bands() {
      return ceil(shape.m(), cut.taskRows());
    }

    int tasks() {
      return bands() * ceil(columns, cut.taskColumns());
    }

    // First byte of the panel that begins with a column, in the block that begins with a depth.
    private long panel(int column, int fromDepth) {
      long before = (long) (fromDepth / cut.depth()) * (cut.columns() / COLUMNS);
      return (before + column / COLUMNS) * cut.panelBytes();
    }

    void pack(ThreadTeam team, int worker, int block) {
      int columnPacks = columnPacks();
      if (block < columnPacks) {
        packColumns(team, worker, block);
        return;
      }
      int i = (block - columnPacks) % bands() * cut.taskRows();
      int p = (block - columnPacks) / bands() * cut.depth();
      int rows = Math.min(cut.taskRows(), shape.m() - i);
      packRows(scratch(team, worker), i, rows, p, shared, sharedAt(i, p));
    }

    private int sharedAt(int i, int p) {
      return (p / cut.depth() * bands() + i / cut.taskRows()) * bandRows() * ROW_PITCH;
    }

    private void packColumns(ThreadTeam team, int worker, int block) {
      int groups = ceil(columns, packWidth());
      int j = block % groups * packWidth();
      int p = block / groups * cut.depth();
      int width = Math.min(packWidth(), columns - j);
      int length = Math.min(cut.depth(), depth - p);
      long column = (long) firstColumn + j;
      long line = (long) firstDepth + p;
      long at = panel(j, p);
      long ld = shape.ldb();
      long first = product * shape.strideB();
      if (shape.transB()) {
        GemmPacking.columnsTransposed(
            b,
            first + column * ld + line,
            ld,
            width,
            length,
            scratch(team, worker),
            WORK_AT,
            packed,
            at,
            cut.panelBytes());
      } else {
        GemmPacking.columns(
            b, first + line * ld + column, ld, width, length, packed, at, cut.panelBytes());
      }
    }

    void multiply(ThreadTeam team, int worker, int block) {
      float[] scratch = scratch(team, worker);
      int i = block % bands() * cut.taskRows();
      int j = block / bands() * cut.taskColumns();
      int rows = Math.min(cut.taskRows(), shape.m() - i);
      int width = Math.min(cut.taskColumns(), columns - j);
      for (int p = 0; p < depth; p += cut.depth()) {
        float keep = firstDepth + p == 0 ? beta : 1;
        if (shared == null) {
          packRows(scratch, i, rows, p, scratch, A_AT);
          tiles(scratch, scratch, A_AT, i, rows, j, width, p, keep);
        } else {
          tiles(scratch, shared, sharedAt(i, p), i, rows, j, width, p, keep);
        }
      }
    }

    // Rows from i of A, one block of k from p, into packed.
    private void packRows(float[] scratch, int i, int rows, int p, float[] into, int at) {
      long first = product * shape.strideA();
      long line = (long) firstDepth + p;
      long ld = shape.lda();
      int length = Math.min(cut.depth(), depth - p);
      if (shape.transA()) {
        GemmPacking.rowsTransposed(
            a, first + line * ld + i, ld, rows, length, scratch, WORK_AT, into, at);
      } else {
        GemmPacking.rows(a, first + i * ld + line, ld, rows, length, into, at);
      }
    }

    private void tiles(
        float[] scratch,
        float[] packedA,
        int at,
        int i,
        int rows,
        int j,
        int width,
        int p,
        float keep) {
      int length = Math.min(cut.depth(), depth - p);
      long rowBytes = shape.ldc() * Float.BYTES;
      long corner = (product * shape.strideC() + i * shape.ldc() + firstColumn + j) * Float.BYTES;
      for (int r = 0, h; r < rows; r += h) {
        h = GemmMicroKernel.height(rows - r);
        for (int q = 0; q < width; q += COLUMNS) {
          int w = Math.min(COLUMNS, width - q);
          long panel = panel(j + q, p);
          GemmMicroKernel.tile(h, packedA, at + r * ROW_PITCH, packed, panel, length, scratch);
          long to = corner + r * rowBytes + (long) q * Float.BYTES;
          GemmUpdate.apply(scratch, h, w, alpha, keep, c, to, rowBytes);
        }
      }
    }
  }
}
