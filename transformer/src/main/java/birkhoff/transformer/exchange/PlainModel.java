package birkhoff.transformer.exchange;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.error.UsageException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The tensors of a GPT-2, with zeros for the biases that a model without biases lacks. */
final class PlainModel implements AutoCloseable {
  private final RunConfig config;
  private final SafeTensorsReader reader;
  private final Arena arena = Arena.ofConfined();

  private PlainModel(RunConfig config, SafeTensorsReader reader) {
    this.config = config;
    this.reader = reader;
  }

  /**
   * Opens a checkpoint.
   *
   * @throws UsageException when it is no GPT-2, saying why
   */
  static PlainModel open(Checkpoint saved, String format) throws IOException {
    String type = saved.config().get(Keys.HYPER_CONN_TYPE);
    if (!type.equals("none")) {
      throw new UsageException(
          "format="
              + format
              + " holds plain residual models only; this one has hyper_conn_type="
              + type
              + ", whose streams no GPT-2 has: use --format=safetensors");
    }
    return new PlainModel(
        saved.config(), SafeTensorsReader.open(saved.folder().resolve(Checkpoint.MODEL)));
  }

  RunConfig config() {
    return config;
  }

  /** A tensor that every model has. */
  StoredTensor tensor(String name) {
    SafeTensorsEntry entry = reader.tensor(name);
    return new StoredTensor(name, entry.type(), entry.shapeArray(), reader.data(entry));
  }

  /** A bias of a size. */
  StoredTensor bias(String name, long size) {
    return reader.find(name).isPresent()
        ? tensor(name)
        : new StoredTensor(
            name,
            SafeTensorsType.F32,
            new long[] {size},
            arena.allocate(ValueLayout.JAVA_FLOAT, size));
  }

  /** The transpose of a matrix. */
  StoredTensor transposed(StoredTensor matrix) {
    MemorySegment floats = arena.allocate(matrix.data().byteSize(), Float.BYTES);
    matrix.transposeTo(floats);
    long[] shape = matrix.shape();
    return new StoredTensor(matrix.where(), matrix.type(), new long[] {shape[1], shape[0]}, floats);
  }

  @Override
  public void close() {
    arena.close();
    reader.close();
  }
}
