package birkhoff.engine.kernel;

import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;

/**
 * What is done with the elements of a matrix product's result once they are final: a bias, an
 * activation. A kernel may call it piece by piece, while the piece is in the cache.
 */
@FunctionalInterface
public interface Epilogue {
  /**
   * Works on a piece of one row of the result. Each element is in one piece; how the rows are cut
   * is the kernel's affair and may not show in the bits, so what happens to an element must depend
   * on its value and place only. Called by several threads at once.
   *
   * @param first index of the first element in C's memory
   * @param column its column
   * @param n how many elements
   */
  void apply(long first, int column, int n);

  /** Works on all elements of a result, in blocks of rows. */
  default void applyAll(ThreadTeam team, GemmShape shape) {
    team.run(
        Partition.rows((long) shape.batch() * shape.m(), shape.n()),
        (lo, hi, worker) -> {
          for (long r = lo; r < hi; r++) {
            apply(r / shape.m() * shape.strideC() + r % shape.m() * shape.ldc(), 0, shape.n());
          }
        });
  }
}
