package birkhoff.transformer.checkpoint;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;

/** Named tensors to and from safetensors files, bit by bit. */
final class TensorFiles {
  private TensorFiles() {}

  static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    var writer = new SafeTensorsWriter();
    metadata.forEach(writer::metadata);
    tensors.forEach((name, t) -> writer.add(name, type(t), shape(t), t.data()));
    writer.write(file);
  }

  /**
   * Overwrites tensors with the contents of a file, which must hold exactly those.
   *
   * @throws DataException when names, types or shapes differ
   */
  static void read(Path file, Map<String, Tensor> tensors) throws IOException {
    try (var reader = SafeTensorsReader.open(file)) {
      checkNames(file, reader, tensors);
      for (var entry : tensors.entrySet()) {
        SafeTensorsEntry stored = reader.tensor(entry.getKey());
        Tensor t = entry.getValue();
        if (stored.type() != type(t) || !stored.hasShape(shape(t))) {
          throw new DataException(
              file
                  + ": tensor '"
                  + entry.getKey()
                  + "' is "
                  + stored.type()
                  + stored.shape()
                  + ", the model needs "
                  + t.spec());
        }
      }
      tensors.forEach((name, t) -> {
        MemorySegment stored = reader.data(reader.tensor(name));
        MemorySegment.copy(stored, 0, t.data(), 0, stored.byteSize());
      });
    }
  }

  private static void checkNames(Path file, SafeTensorsReader reader, Map<String, Tensor> tensors) {
    var missing = new TreeSet<>(tensors.keySet());
    var unknown = new TreeSet<String>();
    for (SafeTensorsEntry entry : reader.tensors()) {
      if (!missing.remove(entry.name())) {
        unknown.add(entry.name());
      }
    }
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new DataException(
          file
              + " does not fit the model:"
              + (missing.isEmpty() ? "" : " missing " + missing)
              + (unknown.isEmpty() ? "" : " unknown " + unknown));
    }
  }

  private static SafeTensorsType type(Tensor t) {
    return t.dtype() == DType.FLOAT64 ? SafeTensorsType.F64 : SafeTensorsType.F32;
  }

  private static long[] shape(Tensor t) {
    long[] shape = new long[t.shape().rank()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = t.size(axis);
    }
    return shape;
  }
}
