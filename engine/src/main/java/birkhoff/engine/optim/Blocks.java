package birkhoff.engine.optim;

import birkhoff.engine.nn.Parameter;
import birkhoff.engine.parallel.Partition;
import java.util.ArrayList;
import java.util.List;

/** The elements of several tensors, cut in blocks that tasks share. */
final class Blocks {
  /**
   * Elements {@code [lo, hi)} of one tensor.
   *
   * @param tensor its place in the list
   */
  record Block(int tensor, long lo, long hi) {}

  private final List<Block> blocks = new ArrayList<>();

  /**
   * @param counts elements of each tensor
   */
  Blocks(long... counts) {
    for (int i = 0; i < counts.length; i++) {
      Partition p = Partition.elements(counts[i]);
      for (int b = 0; b < p.blocks(); b++) {
        blocks.add(new Block(i, p.lo(b), p.hi(b)));
      }
    }
  }

  static Blocks of(List<Parameter> parameters) {
    return new Blocks(parameters.stream().mapToLong(p -> p.tensor().count()).toArray());
  }

  int count() {
    return blocks.size();
  }

  Block get(int index) {
    return blocks.get(index);
  }
}
