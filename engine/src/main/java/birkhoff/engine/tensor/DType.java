package birkhoff.engine.tensor;

/** Element types of tensors. */
public enum DType {
  FLOAT32(4, true),
  FLOAT64(8, true),
  /**
   * The upper half of a float32: storage of weights, activations and their gradients in mixed
   * precision. Arithmetic is done in float32.
   */
  BFLOAT16(2, false),
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

  /** True for the types that arithmetic is defined on. */
  public boolean isFloating() {
    return floating;
  }

  /** True for the types that gradients are defined on. */
  public boolean isDifferentiable() {
    return this != INT32;
  }

  /** The float32 that a bfloat16 stands for, exactly. */
  public static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The bfloat16 nearest to {@code x}, ties to even; NaN stays NaN. */
  public static short toBfloat16(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }
}
