package birkhoff.engine.op.index;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The one check between ids from outside and kernels that trust them. */
public final class Ids {
  private Ids() {}

  /** Refuses an id outside {@code [0, limit)}, naming its place. */
  public static void check(Execution x, String op, Tensor ids, long limit) {
    MemorySegment data = ids.data();
    long count = ids.count();
    x.serial(() -> check(op, data, count, limit));
  }

  private static void check(String op, MemorySegment data, long count, long limit) {
    for (long i = 0; i < count; i++) {
      int id = data.getAtIndex(ValueLayout.JAVA_INT, i);
      if (id < 0 || id >= limit) {
        throw new ShapeException(
            op + ": id " + id + " at position " + i + " is outside [0, " + limit + ")");
      }
    }
  }
}
