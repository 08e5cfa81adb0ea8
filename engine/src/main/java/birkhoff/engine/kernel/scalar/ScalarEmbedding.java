package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Embedding;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Row look-ups and their gradient, one element at a time. */
public final class ScalarEmbedding implements Embedding {
  private final Elements e;

  public ScalarEmbedding(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public void gather(
      MemorySegment table, MemorySegment ids, MemorySegment out, int cols, long lo, long hi) {
    for (long r = lo; r < hi; r++) {
      long source = (long) Elements.id(ids, r) * cols;
      for (int c = 0; c < cols; c++) {
        e.set(out, r * cols + c, e.get(table, source + c));
      }
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
      long source = (long) Elements.id(ids, r) * cols;
      long position = r % period * cols;
      for (int c = 0; c < cols; c++) {
        e.set(out, r * cols + c, e.get(table, source + c) + e.get(positions, position + c));
      }
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
      long target = (long) Elements.id(ids, r) * cols;
      for (int c = lo; c < hi; c++) {
        e.put(table, target + c, e.get(g, r * cols + c), true);
      }
    }
  }
}
