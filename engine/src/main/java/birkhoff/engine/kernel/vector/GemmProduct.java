package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.GemmBlocking.ceil;
import static birkhoff.engine.kernel.vector.GemmBlocking.roundUp;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.COLUMNS;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.PANEL_BYTES;
import static birkhoff.engine.kernel.vector.GemmMicroKernel.TILE;

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
  // Panels of B that one packing task fills: several, where they share the rows of B in memory.
  private static final int PACK_PANELS = 8;
  private static final int PACK_PANELS_TRANSPOSED = 2;
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
      MemorySegment c) {
    this.shape = shape;
    this.alpha = alpha;
    this.beta = beta;
    this.a = a;
    this.b = b;
    this.c = c;
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
    int bands = cut.sharesRows(shape.m()) ? cut.depths() * ceil(shape.m(), cut.taskRows()) : 0;
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
      return columnPacks() + (shared == null ? 0 : bandsDown() * ceil(depth, cut.depth()));
    }

    void pack(float[] scratch, MemorySegment packed, int block) {
      int columnPacks = columnPacks();
      if (block < columnPacks) {
        packColumns(scratch, packed, block);
      } else {
        int band = block - columnPacks;
        int i = band % bandsDown() * cut.taskRows();
        packRows(shared, band, i, band / bandsDown() * cut.depth());
      }
    }

    private int packWidth() {
      return (shape.transB() ? PACK_PANELS_TRANSPOSED : PACK_PANELS) * COLUMNS;
    }

    private int columnPacks() {
      return ceil(columns, packWidth()) * ceil(depth, cut.depth());
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
        long from = first + column * ld + line;
        GemmPacking.columnsTransposed(
            b, from, ld, width, length, scratch, WORK_AT, packed, at, cut.panelBytes());
      } else {
        GemmPacking.columns(
            b, first + line * ld + column, ld, width, length, packed, at, cut.panelBytes());
      }
    }

    private void packRows(GemmRows rows, int band, int i, int p) {
      int count = Math.min(cut.taskRows(), shape.m() - i);
      int length = Math.min(cut.depth(), depth - p);
      rows.pack(band, product * shape.strideA(), i, count, (long) firstDepth + p, length);
    }

    /** Task {@code block}, with the worker's {@code own} rows unless they are shared. */
    void multiply(float[] scratch, MemorySegment packed, GemmRows own, int block) {
      int i = block % bandsDown() * cut.taskRows();
      int j = block / bandsDown() * cut.taskColumns();
      int count = Math.min(cut.taskRows(), shape.m() - i);
      int width = Math.min(cut.taskColumns(), columns - j);
      for (int p = 0; p < depth; p += cut.depth()) {
        GemmRows rows = shared;
        int band = p / cut.depth() * bandsDown() + i / cut.taskRows();
        if (shared == null) {
          rows = own;
          band = 0;
          packRows(rows, band, i, p);
        }
        float keep = firstDepth + p == 0 ? beta : 1;
        int length = Math.min(cut.depth(), depth - p);
        long rowBytes = shape.ldc() * Float.BYTES;
        long corner = (product * shape.strideC() + i * shape.ldc() + firstColumn + j) * Float.BYTES;
        for (int r = 0, h; r < count; r += h) {
          h = rows.height(count - r);
          for (int q = 0; q < width; q += COLUMNS) {
            rows.tile(band, r, h, packed, panel(j + q, p), length, scratch);
            long to = corner + r * rowBytes + (long) q * Float.BYTES;
            int w = Math.min(COLUMNS, width - q);
            GemmUpdate.apply(scratch, h, w, alpha, keep, c, to, rowBytes);
          }
        }
      }
    }
  }
}
