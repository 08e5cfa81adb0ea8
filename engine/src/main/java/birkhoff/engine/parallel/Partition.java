package birkhoff.engine.parallel;

/**
 * {@code items} cut into blocks of {@code grain} (the last one shorter). Depends on sizes only,
 * never on the number of threads, so that partial results are the same for every thread count.
 */
public record Partition(long items, long grain) {
  /** Aimed-at size of a block, in elements touched: large against scheduling, small against L2. */
  public static final long BLOCK_ELEMENTS = 1L << 15;

  public Partition {
    if (items < 0 || grain < 1) {
      throw new IllegalArgumentException("partition of " + items + " items by " + grain);
    }
  }

  /** Blocks of rows that touch about {@link #BLOCK_ELEMENTS} elements each. */
  public static Partition rows(long rows, long elementsPerRow) {
    return new Partition(rows, Math.max(1, BLOCK_ELEMENTS / Math.max(1, elementsPerRow)));
  }

  /** Blocks of single elements; the grain is a multiple of every vector width. */
  public static Partition elements(long count) {
    return new Partition(count, BLOCK_ELEMENTS);
  }

  public int blocks() {
    return Math.toIntExact((items + grain - 1) / grain);
  }

  public long lo(int block) {
    return block * grain;
  }

  public long hi(int block) {
    return Math.min(items, (block + 1) * grain);
  }
}
