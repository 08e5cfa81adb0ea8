package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmBlocking.ceil;
import static birkhoff.engine.kernel.vector.GemmBlocking.roundUp;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.COLUMNS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.PANEL_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.ROW_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.TILE;

import birkhoff.engine.kernel.Epilogue;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.vector.GemmRows.Stored;
import birkhoff.engine.kernel.vector.GemmRows.Transposed;
import birkhoff.engine.parallel.ThreadTeam;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One call of {@link VectorGemm}: blocks over the columns and the depth of B; each is packed, then
 * used by tasks that pack their own rows of A.
 */
final class GemmProduct {
  // What one packing task reads should be long pieces of memory: rows of B as wide as possible, or
  // a few columns in their whole depth where B lies transposed.
  private static final int PACK_PANELS = 32;
  private static final int PACK_LINES = 64;
  private static final int PACK_PANELS_TRANSPOSED = 2;
  private static final int PACK_LINES_A = 32;
  private static final long WORKER_BYTES = 1L << 20;
  private static final long ALIGNMENT = 64;

  // Heap scratch of a worker: result tile, block to transpose, rows of A.
  private static final int WORK_AT = TILE;
  private static final int ROWS_AT = WORK_AT + GemmTranspose.WORK;

  private final GemmShape shape;
  private final float alpha;
  private final float beta;
  private final MemorySegment a;
  private final MemorySegment b;
  private final MemorySegment c;
  private final Epilogue epilogue;
  private final GemmBlocking cut;

  // What tasks need, kept for the next run of a recorded product: by product, by worker.
  private final Part[][] parts;
  private final GemmRows[] own;

  GemmProduct(
      ThreadTeam team,
      GemmShape shape,
      float alpha,
      MemorySegment a,
      MemorySegment b,
      float beta,
      MemorySegment c,
      Epilogue epilogue) {
    this.shape = shape;
    this.alpha = alpha;
    this.beta = beta;
    this.a = a;
    this.b = b;
    this.c = c;
    this.epilogue = epilogue;
    this.cut = GemmBlocking.of(shape.transA(), shape.m(), shape.n(), shape.k());
    this.parts = new Part[shape.batch()][];
    this.own = new GemmRows[team.size()];
  }

  /** Bytes that packed B takes at a time; the micro-kernel's slices reach beyond the last panel. */
  long packedBytes() {
    return (long) cut.depths() * (cut.columns() / COLUMNS) * cut.panelBytes() + PANEL_BYTES;
  }

  /** Whether packed B is small enough to have one for each worker. */
  boolean fitsWorker() {
    return packedBytes() - PANEL_BYTES <= WORKER_BYTES;
  }

  /** Product {@code i} of the batch by one worker. */
  void alone(ThreadTeam team, int worker, int i) {
    long rowsAt = roundUp(packedBytes(), ALIGNMENT);
    MemorySegment packed =
        team.scratch(worker, rowsAt + (shape.transA() ? Transposed.bandBytes(cut.taskRows()) : 0));
    float[] floats = heap(team, worker);
    GemmRows rows = ownRows(worker, floats, packed, rowsAt);
    if (parts[i] == null) {
      parts[i] = parts(i, null);
    }
    for (Part part : parts[i]) {
      for (int block = 0; block < part.packs(); block++) {
        part.pack(floats, packed, block);
      }
      for (int block = 0; block < part.tasks(); block++) {
        part.multiply(floats, packed, rows, block);
      }
    }
  }

  private Part[] parts(int product, GemmRows shared) {
    List<Part> all = new ArrayList<>();
    for (int j = 0; j < shape.n(); j += cut.columns()) {
      for (int p = 0; p < shape.k(); p += cut.depth() * cut.depths()) {
        all.add(new Part(product, j, p, shared));
      }
    }
    return all.toArray(Part[]::new);
  }

  /** All products of the batch, one after the other, each by the whole team. */
  void together(ThreadTeam team, ThreadTeam.Hold hold) {
    int bands = cut.sharesRows() ? cut.depths() * ceil(shape.m(), cut.taskRows()) : 0;
    long rowsAt = roundUp(packedBytes(), ALIGNMENT);
    long bytes = shape.transA() ? bands * Transposed.bandBytes(cut.taskRows()) : 0;
    int length = shape.transA() ? 0 : bands * Stored.bandFloats(cut.taskRows());
    MemorySegment packed = hold.shared(rowsAt + bytes);
    GemmRows shared = bands == 0 ? null : rows(hold.floats(length), 0, packed, rowsAt);
    for (int i = 0; i < shape.batch(); i++) {
      for (Part part : parts(i, shared)) {
        team.run(part.packs(), (block, worker) -> part.pack(heap(team, worker), packed, block));
        team.run(
            part.tasks(),
            (block, worker) -> {
              float[] floats = heap(team, worker);
              GemmRows rows = shared == null ? ownRows(team, worker, floats) : null;
              part.multiply(floats, packed, rows, block);
            });
      }
    }
  }

  private GemmRows rows(float[] floats, int at, MemorySegment packed, long packedAt) {
    return shape.transA()
        ? new Transposed(a, shape, packed, packedAt, Transposed.bandBytes(cut.taskRows()))
        : new Stored(a, shape, floats, at, Stored.bandFloats(cut.taskRows()));
  }

  private GemmRows ownRows(ThreadTeam team, int worker, float[] floats) {
    MemorySegment packed =
        shape.transA() ? team.scratch(worker, Transposed.bandBytes(cut.taskRows())) : null;
    return ownRows(worker, floats, packed, 0);
  }

  /** The worker's rows of last time, unless its scratch memory has moved. */
  private GemmRows ownRows(int worker, float[] floats, MemorySegment packed, long packedAt) {
    if (own[worker] == null || !own[worker].liesIn(floats, packed)) {
      own[worker] = rows(floats, ROWS_AT, packed, packedAt);
    }
    return own[worker];
  }

  private float[] heap(ThreadTeam team, int worker) {
    int rows = shape.transA() ? 0 : Stored.bandFloats(cut.taskRows());
    return team.floats(worker, ROWS_AT + rows);
  }

  /** The columns from {@code firstColumn} and the depth from {@code firstDepth}. */
  private final class Part {
    private final long product;
    private final int firstColumn;
    private final int columns;
    private final int firstDepth;
    private final int depth;

    // Packed A of all tasks, or null where each packs its own rows.
    private final GemmRows shared;

    Part(int product, int firstColumn, int firstDepth, GemmRows shared) {
      this.product = product;
      this.firstColumn = firstColumn;
      this.columns = Math.min(cut.columns(), shape.n() - firstColumn);
      this.firstDepth = firstDepth;
      this.depth = Math.min(cut.depth() * cut.depths(), shape.k() - firstDepth);
      this.shared = shared;
    }

    /** Tasks that pack. */
    int packs() {
      return columnPacks() + (shared == null ? 0 : rowPacks() * ceil(depth, cut.depth()));
    }

    // For each depth block: a band, or where A lies transposed some whole lines of it.
    private int rowPacks() {
      return shape.transA() ? ceil(cut.depth(), PACK_LINES_A) : bandsDown();
    }

    void pack(float[] scratch, MemorySegment packed, int block) {
      int columnPacks = columnPacks();
      if (block < columnPacks) {
        packColumns(scratch, packed, block);
      } else {
        int index = (block - columnPacks) % rowPacks();
        int p = (block - columnPacks) / rowPacks() * cut.depth();
        int length = Math.min(cut.depth(), depth - p);
        if (shape.transA()) {
          packLines(scratch, index * PACK_LINES_A, p, length);
        } else {
          packRows(shared, bandIndex(index * cut.taskRows(), p), index * cut.taskRows(), p, length);
        }
      }
    }

    // Index of a band of shared rows.
    private int bandIndex(int i, int p) {
      return p / cut.depth() * bandsDown() + i / cut.taskRows();
    }

    private int packWidth() {
      return (shape.transB() ? PACK_PANELS_TRANSPOSED : PACK_PANELS) * COLUMNS;
    }

    private int packLines() {
      return shape.transB() ? cut.depth() : Math.min(PACK_LINES, cut.depth());
    }

    private int columnPacks() {
      return ceil(columns, packWidth()) * ceil(cut.depth(), packLines()) * ceil(depth, cut.depth());
    }

    private int bandsDown() {
      return ceil(shape.m(), cut.taskRows());
    }

    int tasks() {
      return bandsDown() * ceil(columns, cut.taskColumns());
    }

    // First byte of the panel that begins with a column, in the block that begins with a depth.
    private long panel(int column, int fromDepth) {
      long before = (long) (fromDepth / cut.depth()) * (cut.columns() / COLUMNS);
      return (before + column / COLUMNS) * cut.panelBytes();
    }

    private void packColumns(float[] scratch, MemorySegment packed, int block) {
      int groups = ceil(columns, packWidth());
      int pieces = ceil(cut.depth(), packLines());
      int j = block % groups * packWidth();
      int p = block / groups / pieces * cut.depth();
      int piece = block / groups % pieces * packLines();
      int width = Math.min(packWidth(), columns - j);
      int length = Math.min(packLines(), Math.min(cut.depth(), depth - p) - piece);
      long column = (long) firstColumn + j;
      long line = (long) firstDepth + p + piece;
      long at = panel(j, p) + piece * ROW_BYTES;
      long ld = shape.ldb();
      long first = product * shape.strideB();
      if (shape.transB()) {
        long from = first + column * ld + line;
        scratch[0] = GemmPacking.touch(b, from, ld, width, length);
        GemmPacking.columnsTransposed(
            b, from, ld, width, length, scratch, WORK_AT, packed, at, cut.panelBytes());
      } else if (length > 0) {
        long from = first + line * ld + column;
        scratch[0] = GemmPacking.touch(b, from, ld, length, width);
        GemmPacking.columns(b, from, ld, width, length, packed, at, cut.panelBytes());
      }
    }

    private void packRows(GemmRows rows, int band, int i, int p, int length) {
      int count = Math.min(cut.taskRows(), shape.m() - i);
      rows.pack(band, 0, product * shape.strideA(), i, count, (long) firstDepth + p, length);
    }

    // Some lines from one of the block that begins at depth p and has that length, for all bands.
    private void packLines(float[] scratch, int line, int p, int blockLength) {
      int length = Math.min(PACK_LINES_A, blockLength - line);
      if (length <= 0) {
        return;
      }
      long first = product * shape.strideA();
      long from = (long) firstDepth + p + line;
      long ld = shape.lda();
      scratch[0] = GemmPacking.touch(a, first + from * ld, ld, length, shape.m());
      for (int i = 0; i < shape.m(); i += cut.taskRows()) {
        int count = Math.min(cut.taskRows(), shape.m() - i);
        shared.pack(bandIndex(i, p), line, first, i, count, from, length);
      }
    }

    /** Task {@code block}, with the worker's {@code own} rows unless they are shared. */
    void multiply(float[] scratch, MemorySegment packed, GemmRows own, int block) {
      int i = block % bandsDown() * cut.taskRows();
      int j = block / bandsDown() * cut.taskColumns();
      int count = Math.min(cut.taskRows(), shape.m() - i);
      int width = Math.min(cut.taskColumns(), columns - j);
      for (int p = 0; p < depth; p += cut.depth()) {
        int length = Math.min(cut.depth(), depth - p);
        GemmRows rows = shared;
        int band = bandIndex(i, p);
        if (shared == null) {
          rows = own;
          band = 0;
          packRows(rows, band, i, p, length);
        }
        float keep = firstDepth + p == 0 ? beta : 1;
        for (int q = 0; q < width; q += cut.bandColumns()) {
          int w = Math.min(cut.bandColumns(), width - q);
          band(scratch, packed, rows, band, i, count, j + q, w, p, length, keep);
        }
      }
    }

    // The sums of a few rows are complete and still in the first or second cache.
    private void finish(long first, int rows, int column, int width) {
      for (int i = 0; i < rows; i++) {
        epilogue.apply(first + i * shape.ldc(), column, width);
      }
    }

    // Rows outside, columns inside: a few rows of C stay in the translation buffer.
    private void band(
        float[] scratch,
        MemorySegment packed,
        GemmRows rows,
        int band,
        int i,
        int count,
        int j,
        int width,
        int p,
        int length,
        float keep) {
      long ld = shape.ldc();
      long rowBytes = ld * Float.BYTES;
      long corner = product * shape.strideC() + i * ld + firstColumn + j;
      for (int r = 0, h; r < count; r += h) {
        h = rows.height(count - r);
        if (keep != 0) {
          scratch[0] = GemmPacking.touch(c, corner + r * ld, ld, h, width);
        }
        for (int q = 0; q < width; q += COLUMNS) {
          rows.tile(band, r, h, packed, panel(j + q, p), length, scratch);
          long to = (corner + r * ld + q) * Float.BYTES;
          int w = Math.min(COLUMNS, width - q);
          GemmUpdate.apply(scratch, h, w, alpha, keep, c, to, rowBytes);
        }
        if (epilogue != null && firstDepth + p + length == shape.k()) {
          finish(corner + r * ld, h, firstColumn + j, width);
        }
      }
    }
  }
}
