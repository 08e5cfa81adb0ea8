package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.AttentionTiles.PANEL;
import static birkhoff.engine.kernel.vector.AttentionTiles.ROW;
import static birkhoff.engine.kernel.vector.AttentionTiles.ROWS;
import static birkhoff.engine.kernel.vector.AttentionTiles.columns;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;

import birkhoff.engine.kernel.Attention;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Attention for float32, a strip of {@value AttentionTiles#PANEL} queries at a time. The strip
 * holds the transposed matrix Sᵀ = K·Qᵀ: queries lie in the lanes, so that the softmax needs no
 * horizontal sums, and both products with it find their factors side by side in memory. What lies
 * above the diagonal is skipped, up to the size of a register block. Thread-safe.
 */
public final class VectorAttention implements Attention {
  /** The only kernel of this role and type. */
  public VectorAttention() {}

  @Override
  public long scratchBytes(AttentionShape shape) {
    return AttentionScratch.bytes(shape);
  }

  @Override
  public void forward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment out,
      MemorySegment lse,
      MemorySegment scratch,
      int lo,
      int hi) {
    for (int block = lo; block < hi; block++) {
      packWide(shape, qkv, block, 1, scratch, AttentionScratch.keys(shape));
      packWide(shape, qkv, block, 2, scratch, AttentionScratch.values(shape));
      for (int start = 0; start < shape.time(); start += PANEL) {
        forwardStrip(shape, qkv, out, lse, scratch, block, start);
      }
    }
  }

  private static void forwardStrip(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment out,
      MemorySegment lse,
      MemorySegment s,
      int block,
      int start) {
    int hd = shape.headSize();
    int count = Math.min(PANEL, shape.time() - start);
    int keys = start + count;
    long strip = AttentionScratch.strip(shape);
    long result = AttentionScratch.result(shape);
    packQueries(shape, qkv, block, start, count, s);
    scores(shape, s, AttentionScratch.keys(shape), AttentionScratch.QUERIES_T, strip, start, count);
    for (int lane = 0; lane < count; lane += LENGTH) {
      AttentionStrip.softmax(
          s,
          strip,
          lane,
          start,
          keys,
          (float) shape.scale(),
          AttentionScratch.INVERSE,
          AttentionScratch.LOG_SUM);
    }
    AttentionStrip.denominators(s, AttentionScratch.INVERSE, AttentionScratch.LOG_SUM, count);
    if (shape.dropout() > 0) {
      long kept = AttentionScratch.kept(shape);
      AttentionStrip.keptBits(shape, s, kept, block, start, keys);
      AttentionStrip.drop(s, strip, kept, keys, columns(count), (float) shape.keptScale());
    }
    weighted(shape, s, strip, AttentionScratch.values(shape), result, start, count);
    long width = shape.width() * 4L;
    AttentionPacking.unpackScaled(
        s,
        result,
        AttentionScratch.panel(),
        out,
        token(shape, block, start) * width + head(shape, block),
        width,
        count,
        hd,
        AttentionScratch.INVERSE);
    long first = ((long) block * shape.time() + start) * 4;
    MemorySegment.copy(s, AttentionScratch.LOG_SUM, lse, first, count * 4L);
  }

  @Override
  public void backward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment lse,
      MemorySegment gout,
      MemorySegment gqkv,
      MemorySegment scratch,
      int lo,
      int hi) {
    int time = shape.time();
    for (int block = lo; block < hi; block++) {
      long gkeys = AttentionScratch.gkeys(shape);
      long gvalues = AttentionScratch.gvalues(shape);
      packWide(shape, qkv, block, 1, scratch, AttentionScratch.keys(shape));
      packWide(shape, qkv, block, 2, scratch, AttentionScratch.values(shape));
      for (int start = 0; start < time; start += PANEL) {
        backwardStrip(shape, qkv, lse, gout, gqkv, scratch, block, start);
      }
      long panel = AttentionScratch.widePanel(shape);
      unpack(shape, scratch, gkeys, panel, gqkv, block, 1, 0, time, (float) shape.scale());
      unpack(shape, scratch, gvalues, panel, gqkv, block, 2, 0, time, 1);
    }
  }

  private static void backwardStrip(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment lse,
      MemorySegment gout,
      MemorySegment gqkv,
      MemorySegment s,
      int block,
      int start) {
    int count = Math.min(PANEL, shape.time() - start);
    int keys = start + count;
    long strip = AttentionScratch.strip(shape);
    long gstrip = AttentionScratch.gstrip(shape);
    long goutT = AttentionScratch.goutT(shape);
    long kept = AttentionScratch.kept(shape);
    packQueries(shape, qkv, block, start, count, s);
    packGout(shape, gout, block, start, count, s);
    scores(shape, s, AttentionScratch.keys(shape), AttentionScratch.QUERIES_T, strip, start, count);
    scores(shape, s, AttentionScratch.values(shape), goutT, gstrip, start, count);
    copyPadded(lse, ((long) block * shape.time() + start) * 4, s, AttentionScratch.LOG_SUM, count);
    if (shape.dropout() > 0) {
      AttentionStrip.keptBits(shape, s, kept, block, start, keys);
      AttentionStrip.drop(s, gstrip, kept, keys, columns(count), (float) shape.keptScale());
    }
    for (int lane = 0; lane < count; lane += LENGTH) {
      AttentionStrip.softmaxVjp(
          s, strip, gstrip, lane, start, keys, (float) shape.scale(), AttentionScratch.LOG_SUM);
    }
    if (shape.dropout() > 0) {
      AttentionStrip.drop(s, strip, kept, keys, columns(count), (float) shape.keptScale());
    }
    long gqueries = AttentionScratch.result(shape);
    weighted(shape, s, gstrip, AttentionScratch.keys(shape), gqueries, start, count);
    long panel = AttentionScratch.panel();
    unpack(shape, s, gqueries, panel, gqkv, block, 0, start, count, (float) shape.scale());
    long queries = AttentionScratch.queries(shape);
    accumulate(shape, s, gstrip, queries, AttentionScratch.gkeys(shape), start, count);
    long packedGout = AttentionScratch.gout(shape);
    accumulate(shape, s, strip, packedGout, AttentionScratch.gvalues(shape), start, count);
  }

  /** {@code strip[j, i] = x[j]·y[i]} for the strip's queries i and all keys j up to them. */
  private static void scores(
      AttentionShape shape, MemorySegment s, long x, long yT, long strip, int start, int count) {
    int hd = shape.headSize();
    long panel = AttentionScratch.widePanel(shape);
    int to = columns(count);
    for (int j = 0; j < start + count; j += ROWS) {
      int from = Math.max(0, j - start) / AttentionTiles.COLUMNS * AttentionTiles.COLUMNS;
      AttentionTiles.product(s, x + j * ROW, panel, yT, strip + j * ROW, hd, from, to, false);
    }
  }

  /** {@code y[i] = Σ_j strip[j, i]·x[j]} over the keys j up to query i. */
  private static void weighted(
      AttentionShape shape, MemorySegment s, long strip, long x, long y, int start, int count) {
    long panel = AttentionScratch.widePanel(shape);
    for (int first = 0; first < shape.headSize(); first += PANEL) {
      int to = columns(shape.headSize() - first);
      for (int i = 0; i < count; i += ROWS) {
        int keys = start + Math.min(count, i + ROWS);
        AttentionTiles.transposedProduct(s, strip + i * 4L, x, y + i * ROW, keys, to);
      }
      x += panel;
      y += AttentionScratch.panel();
    }
  }

  /** {@code y[j] += Σ_i strip[j, i]·x[i]} over the strip's queries i from key j on. */
  private static void accumulate(
      AttentionShape shape, MemorySegment s, long strip, long x, long y, int start, int count) {
    long panel = AttentionScratch.widePanel(shape);
    for (int first = 0; first < shape.headSize(); first += PANEL) {
      int to = columns(shape.headSize() - first);
      for (int j = 0; j < start + count; j += ROWS) {
        int i = Math.max(0, j - start);
        long a = strip + j * ROW + i * 4L;
        long c = y + j * ROW;
        // The strip with the query of a key's own token is the first to see the key.
        boolean add = j < start;
        AttentionTiles.product(s, a, 0, x + i * ROW, c, count - i, 0, to, add);
      }
      x += AttentionScratch.panel();
      y += panel;
    }
  }

  /** Packs all keys (part 1) or values (part 2) of a head. */
  private static void packWide(
      AttentionShape shape, MemorySegment qkv, int block, int part, MemorySegment s, long to) {
    int time = shape.time();
    AttentionPacking.pack(
        qkv,
        part(shape, block, part, 0),
        shape.width() * 12L,
        s,
        to,
        AttentionScratch.widePanel(shape),
        time,
        AttentionTiles.rows(time),
        shape.headSize());
  }

  private static void packQueries(
      AttentionShape shape, MemorySegment qkv, int block, int start, int count, MemorySegment s) {
    long to = AttentionScratch.queries(shape);
    packNarrow(
        qkv, part(shape, block, 0, start), shape.width() * 12L, s, to, count, shape.headSize());
    transpose(shape, s, to, AttentionScratch.QUERIES_T, count);
  }

  private static void packGout(
      AttentionShape shape, MemorySegment gout, int block, int start, int count, MemorySegment s) {
    long to = AttentionScratch.gout(shape);
    long width = shape.width() * 4L;
    long from = token(shape, block, start) * width + head(shape, block);
    packNarrow(gout, from, width, s, to, count, shape.headSize());
    transpose(shape, s, to, AttentionScratch.goutT(shape), count);
  }

  private static void packNarrow(
      MemorySegment x, long from, long stride, MemorySegment s, long to, int count, int hd) {
    AttentionPacking.pack(
        x, from, stride, s, to, AttentionScratch.panel(), count, columns(count), hd);
  }

  private static void transpose(
      AttentionShape shape, MemorySegment s, long from, long to, int count) {
    long panel = AttentionScratch.panel();
    AttentionPacking.transpose(s, from, panel, to, columns(count), shape.headSize());
  }

  private static void unpack(
      AttentionShape shape,
      MemorySegment s,
      long from,
      long panel,
      MemorySegment gqkv,
      int block,
      int part,
      int start,
      int count,
      float factor) {
    AttentionPacking.unpack(
        s,
        from,
        panel,
        gqkv,
        part(shape, block, part, start),
        shape.width() * 12L,
        count,
        shape.headSize(),
        factor);
  }

  /** Copies {@code count} numbers and writes zeros up to the end of the panel. */
  private static void copyPadded(MemorySegment x, long from, MemorySegment s, long to, int count) {
    MemorySegment.copy(x, from, s, to, count * 4L);
    for (int i = count; i < PANEL; i++) {
      s.set(ValueLayout.JAVA_FLOAT, to + i * 4L, 0);
    }
  }

  private static long token(AttentionShape shape, int block, int t) {
    return (long) (block / shape.heads()) * shape.time() + t;
  }

  /** Byte offset of the head in a row of the output. */
  private static long head(AttentionShape shape, int block) {
    return block % shape.heads() * (shape.headSize() * 4L);
  }

  /** Byte offset of a head's query (part 0), key (1) or value (2) of token {@code t}. */
  private static long part(AttentionShape shape, int block, int part, int t) {
    return (token(shape, block, t) * 3 + part) * shape.width() * 4 + head(shape, block);
  }

  @Override
  public long scratchBytes(CacheShape shape) {
    return CachedAttentionRows.scratchBytes(shape);
  }

  @Override
  public void attendCached(
      CacheShape shape,
      MemorySegment qkv,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment out,
      MemorySegment scratch,
      int lo,
      int hi) {
    for (int block = lo; block < hi; block++) {
      CachedAttentionRows.block(shape, qkv, keys, values, out, scratch, block);
    }
  }
}
