package birkhoff.engine.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import birkhoff.engine.kernel.Embedding;
import java.lang.foreign.MemorySegment;

/** Float32 row look-ups and their gradient; the same bits as the scalar ones. */
public final class VectorEmbedding implements Embedding {
  public VectorEmbedding() {}

  @Override
  public void gather(
      MemorySegment table, MemorySegment ids, MemorySegment out, int cols, long lo, long hi) {
    long bytes = (long) cols * Float.BYTES;
    for (long r = lo; r < hi; r++) {
      MemorySegment.copy(table, ids.getAtIndex(JAVA_INT, r) * bytes, out, r * bytes, bytes);
    }
  }

  @Override
  public void gatherAddPosition(
      MemorySegment table,
      MemorySegment ids,
      MemorySegment positions,
      long period,
      MemorySegment out,
      int cols,
      long lo,
      long hi) {
    for (long r = lo; r < hi; r++) {
      long token = (long) ids.getAtIndex(JAVA_INT, r) * cols;
      Rows.add(table, token, positions, r % period * cols, out, r * cols, cols);
    }
  }

  @Override
  public void scatterAdd(
      MemorySegment g,
      MemorySegment ids,
      MemorySegment table,
      long rows,
      int cols,
      int lo,
      int hi) {
    for (long r = 0; r < rows; r++) {
      long target = (long) ids.getAtIndex(JAVA_INT, r) * cols + lo;
      Rows.add(table, target, g, r * cols + lo, table, target, hi - lo);
    }
  }
}
