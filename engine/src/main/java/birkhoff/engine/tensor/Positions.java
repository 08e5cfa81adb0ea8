package birkhoff.engine.tensor;

/** Walks the storage positions of a layout in row-major order of its indices. */
final class Positions {
  private final Layout layout;
  private final long[] index;
  private long position;

  Positions(Layout layout) {
    this.layout = layout;
    this.index = new long[layout.shape().rank()];
    this.position = layout.offset();
  }

  /** The current element's position; moves on to the next one. */
  long next() {
    long p = position;
    for (int a = index.length - 1; a >= 0; a--) {
      position += layout.stride(a);
      if (++index[a] < layout.shape().size(a)) {
        return p;
      }
      position -= layout.stride(a) * index[a];
      index[a] = 0;
    }
    return p;
  }
}
