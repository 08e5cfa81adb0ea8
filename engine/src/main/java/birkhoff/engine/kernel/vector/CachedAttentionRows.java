package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import birkhoff.engine.kernel.Attention.CacheShape;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Attention of new positions on cached keys and values, one query after the other. */
final class CachedAttentionRows {
  private static final int TILE_BYTES = CacheShape.TILE * Float.BYTES;
  private static final int FOUR_LENGTH = 4 * LENGTH;

  private CachedAttentionRows() {}

  /** Scores of whole tiles. */
  static long scratchBytes(CacheShape shape) {
    return (long) CacheShape.tiles(shape.capacity()) * TILE_BYTES;
  }

  /**
   * All new positions of one head of one sequence. Only whole segments cross the calls: a slice
   * would be allocated for each of them.
   */
  static void block(
      CacheShape s,
      MemorySegment qkv,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment out,
      MemorySegment scratch,
      int block) {
    int hd = s.headSize();
    long key = s.keys(block) * Float.BYTES;
    long value = s.values(block) * Float.BYTES;
    long tileBytes = (long) hd * TILE_BYTES;
    for (int t = 0; t < s.time(); t++) {
      append(s, qkv, keys, values, block, t);
      int count = s.start() + t + 1;
      long query = s.row(block, t, 0) * Float.BYTES;
      int tiles = CacheShape.tiles(count);
      for (int tile = 0; tile < tiles; tile++) {
        scores(qkv, query, keys, key + tile * tileBytes, scratch, tile, hd, (float) s.scale());
      }
      float max = Rows.largest(scratch, 0, count);
      float factor = (float) (1 / Rows.exp(scratch, scratch, 0, count, max));
      long to = s.outRow(block, t) * Float.BYTES;
      int d = 0;
      for (; d <= hd - FOUR_LENGTH; d += FOUR_LENGTH) {
        mean4(scratch, values, value, out, to, count, hd, d, factor);
      }
      for (; d < hd; d += LENGTH) {
        mean(scratch, values, value, out, to, count, hd, d, factor);
      }
    }
  }

  private static void append(
      CacheShape s, MemorySegment qkv, MemorySegment keys, MemorySegment values, int block, int t) {
    int position = s.start() + t;
    int hd = s.headSize();
    long from = s.row(block, t, 1);
    long to = s.keys(block);
    for (int d = 0; d < hd; d++) {
      keys.setAtIndex(JAVA_FLOAT, to + s.key(position, d), qkv.getAtIndex(JAVA_FLOAT, from + d));
    }
    MemorySegment.copy(
        qkv,
        s.row(block, t, 2) * Float.BYTES,
        values,
        (s.values(block) + (long) position * hd) * Float.BYTES,
        (long) hd * Float.BYTES);
  }

  /** The scores of one query on the keys of a tile; two sums per key, then one. */
  private static void scores(
      MemorySegment qkv,
      long queryAt,
      MemorySegment keys,
      long tileAt,
      MemorySegment scratch,
      int index,
      int hd,
      float scale) {
    MemorySegment query = qkv.asSlice(queryAt, (long) hd * Float.BYTES);
    MemorySegment tile = keys.asSlice(tileAt, (long) hd * TILE_BYTES);
    long to = (long) index * TILE_BYTES;
    for (int at = 0; at < TILE_BYTES; at += BYTES) {
      FloatVector a = FloatVector.zero(F);
      FloatVector b = FloatVector.zero(F);
      int d = 0;
      for (; d < hd - 1; d += 2) {
        a = column(tile, d * TILE_BYTES + at).fma(broadcast(query, d), a);
        b = column(tile, d * TILE_BYTES + TILE_BYTES + at).fma(broadcast(query, d + 1), b);
      }
      if (d < hd) {
        a = column(tile, d * TILE_BYTES + at).fma(broadcast(query, d), a);
      }
      a.add(b).mul(scale).intoMemorySegment(scratch, to + at, ORDER);
    }
  }

  private static FloatVector column(MemorySegment tile, int at) {
    return fromMemorySegment(F, tile, at, ORDER);
  }

  private static FloatVector broadcast(MemorySegment from, long i) {
    return FloatVector.broadcast(F, from.getAtIndex(JAVA_FLOAT, i));
  }

  /** The weighted sum of the values' elements {@code [d, d + 4·LENGTH)}. */
  private static void mean4(
      MemorySegment weights,
      MemorySegment all,
      long from,
      MemorySegment to,
      long toAt,
      int count,
      int hd,
      int d,
      float factor) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    FloatVector c = FloatVector.zero(F);
    FloatVector e = FloatVector.zero(F);
    long pitch = (long) hd * Float.BYTES;
    MemorySegment values = all.asSlice(from, count * pitch);
    long first = (long) d * Float.BYTES;
    long put = toAt + first;
    for (int j = 0; j < count; j++) {
      FloatVector w = broadcast(weights, j);
      long at = first + j * pitch;
      a = fromMemorySegment(F, values, at, ORDER).fma(w, a);
      b = fromMemorySegment(F, values, at + BYTES, ORDER).fma(w, b);
      c = fromMemorySegment(F, values, at + 2L * BYTES, ORDER).fma(w, c);
      e = fromMemorySegment(F, values, at + 3L * BYTES, ORDER).fma(w, e);
    }
    a.mul(factor).intoMemorySegment(to, put, ORDER);
    b.mul(factor).intoMemorySegment(to, put + BYTES, ORDER);
    c.mul(factor).intoMemorySegment(to, put + 2L * BYTES, ORDER);
    e.mul(factor).intoMemorySegment(to, put + 3L * BYTES, ORDER);
  }

  /** The same for at most LENGTH elements from {@code d} on. */
  private static void mean(
      MemorySegment weights,
      MemorySegment all,
      long from,
      MemorySegment to,
      long toAt,
      int count,
      int hd,
      int d,
      float factor) {
    VectorMask<Float> lanes = F.indexInRange(d, hd);
    FloatVector a = FloatVector.zero(F);
    long pitch = (long) hd * Float.BYTES;
    MemorySegment values = all.asSlice(from, count * pitch);
    long first = (long) d * Float.BYTES;
    long put = toAt + first;
    for (int j = 0; j < count; j++) {
      a =
          fromMemorySegment(F, values, first + j * pitch, ORDER, lanes)
              .fma(broadcast(weights, j), a);
    }
    a.mul(factor).intoMemorySegment(to, put, ORDER, lanes);
  }
}
