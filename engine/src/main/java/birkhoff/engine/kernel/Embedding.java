package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/** Table look-ups by INT32 row ids (already checked to be inside the table). */
public interface Embedding {
  /** {@code out[r] = table[ids[r]]} for rows {@code [lo, hi)} of width {@code cols}. */
  void gather(
      MemorySegment table, MemorySegment ids, MemorySegment out, int cols, long lo, long hi);

  /** {@code out[r] = table[ids[r]] + positions[r mod period]}: token plus learned position. */
  void gatherAddPosition(
      MemorySegment table,
      MemorySegment ids,
      MemorySegment positions,
      long period,
      MemorySegment out,
      int cols,
      long lo,
      long hi);

  /**
   * {@code table[ids[r]][c] += g[r][c]} for all {@code rows} in row order and columns {@code [lo,
   * hi)}: blocks of columns are independent, so the order of additions is fixed.
   */
  void scatterAdd(
      MemorySegment g, MemorySegment ids, MemorySegment table, long rows, int cols, int lo, int hi);
}
