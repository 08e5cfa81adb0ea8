package birkhoff.transformer.checkpoint;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
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
      checkNames(file, reader, tensors.keySet());
      tensors.forEach((name, t) -> check(file, reader.tensor(name), type(t), t));
      tensors.forEach((name, t) -> copy(reader, name, t));
    }
  }

  /**
   * Overwrites parameters with the contents of a file, which must hold exactly those; parameters in
   * bfloat16 are rounded from the file's float32, and the file may have more positions.
   *
   * @throws DataException when names, types or shapes differ
   */
  static void read(Path file, Parameters parameters) throws IOException {
    try (var reader = SafeTensorsReader.open(file)) {
      checkNames(file, reader, parameters.all().stream().map(Parameter::name).toList());
      for (Parameter p : parameters.all()) {
        Tensor t = p.tensor();
        boolean rounded = t.dtype() == DType.BFLOAT16;
        check(file, reader.tensor(p.name()), rounded ? SafeTensorsType.F32 : type(t), t);
      }
      for (Parameter p : parameters.all()) {
        p.fill(parameters.engine(), t -> copy(reader, p.name(), t));
      }
    }
  }

  private static void copy(SafeTensorsReader reader, String name, Tensor t) {
    MemorySegment stored = reader.data(reader.tensor(name));
    MemorySegment.copy(stored, 0, t.data(), 0, t.spec().bytes());
  }

  private static void check(Path file, SafeTensorsEntry stored, SafeTensorsType type, Tensor t) {
    long[] shape = shape(t);
    boolean fits =
        stored.hasShape(shape) || Positions.cover(stored.name(), stored.shapeArray(), shape);
    if (stored.type() != type || !fits) {
      throw new DataException(
          file
              + ": tensor '"
              + stored.name()
              + "' is "
              + stored.type()
              + stored.shape()
              + ", the model needs "
              + t.spec());
    }
  }

  private static void checkNames(Path file, SafeTensorsReader reader, Collection<String> names) {
    var missing = new TreeSet<>(names);
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
