package birkhoff.engine.tensor;

/** Element types of tensors. */
public enum DType {
  FLOAT32(4, true),
  FLOAT64(8, true),
  /** Token ids and other indices; not differentiable. */
  INT32(4, false);

  private final int bytes;
  private final boolean floating;

  DType(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  /** True for the types that arithmetic and differentiation are defined on. */
  public boolean isFloating() {
    return floating;
  }
}
