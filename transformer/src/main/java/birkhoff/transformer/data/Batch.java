package birkhoff.transformer.data;

/**
 * Windows of tokens for one forward pass, reused from step to step: {@code inputs[b * T + t]} is
 * followed by {@code targets[b * T + t]}. Not thread-safe.
 */
public final class Batch {
  private final int rows;
  private final int blockSize;
  private final int[] inputs;
  private final int[] targets;
  private final int[] window;

  /** An empty batch of {@code rows} windows of {@code blockSize} tokens. */
  public Batch(int rows, int blockSize) {
    this.rows = rows;
    this.blockSize = blockSize;
    this.inputs = new int[Math.multiplyExact(rows, blockSize)];
    this.targets = new int[inputs.length];
    this.window = new int[blockSize + 1];
  }

  /** Fills one row with the window that starts at a token. */
  void fill(int row, Tokens tokens, long start) {
    tokens.copy(start, window, 0, blockSize + 1);
    System.arraycopy(window, 0, inputs, row * blockSize, blockSize);
    System.arraycopy(window, 1, targets, row * blockSize, blockSize);
  }

  /** Number of windows (B). */
  public int rows() {
    return rows;
  }

  /** Length of a window (T). */
  public int blockSize() {
    return blockSize;
  }

  /** Number of tokens (B·T). */
  public int size() {
    return inputs.length;
  }

  /** The tokens, row by row; the array itself. */
  public int[] inputs() {
    return inputs;
  }

  /** The token after each input; the array itself. */
  public int[] targets() {
    return targets;
  }
}
