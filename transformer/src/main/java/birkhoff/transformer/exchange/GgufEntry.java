package birkhoff.transformer.exchange;

import java.util.List;

/**
 * A tensor of a GGUF file.
 *
 * @param name of it
 * @param type of its elements, by ggml's name
 * @param shape outermost first, as everywhere here; the file has it the other way round
 * @param elements their number
 * @param offset of its first byte in the file
 * @param byteSize of its data
 */
public record GgufEntry(
    String name, String type, List<Long> shape, long elements, long offset, long byteSize) {
  /** Copies the shape. */
  public GgufEntry {
    shape = List.copyOf(shape);
  }

  /** Whether the elements are little-endian float32. */
  public boolean isFloat32() {
    return type.equals(GgufType.F32.name());
  }
}
