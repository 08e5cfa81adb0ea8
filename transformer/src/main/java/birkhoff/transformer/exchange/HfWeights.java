package birkhoff.transformer.exchange;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of a Hugging Face folder, from one safetensors file or several. */
final class HfWeights implements AutoCloseable {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String PICKLE = "pytorch_model.bin";

  private final List<SafeTensorsReader> files = new ArrayList<>();
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  private HfWeights() {}

  /**
   * Maps the files.
   *
   * @throws DataException when they are missing or do not fit the index
   */
  static HfWeights open(Path folder) throws IOException {
    var weights = new HfWeights();
    try {
      if (Files.isRegularFile(folder.resolve(INDEX))) {
        weights.addSharded(folder);
      } else if (Files.isRegularFile(folder.resolve(SINGLE))) {
        weights.add(folder.resolve(SINGLE), null);
      } else {
        boolean pickled = Files.exists(folder.resolve(PICKLE));
        throw new DataException(
            folder
                + " holds neither "
                + SINGLE
                + " nor "
                + INDEX
                + (pickled
                    ? "; " + PICKLE + " is not read: save the model again as safetensors"
                    : ""));
      }
      return weights;
    } catch (IOException | RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private void addSharded(Path folder) throws IOException {
    Path index = folder.resolve(INDEX);
    Map<String, Set<String>> namesOfFile = new LinkedHashMap<>();
    Json.require(index, Json.read(index), "weight_map")
        .properties()
        .forEach(e ->
            namesOfFile
                .computeIfAbsent(e.getValue().asText(), file -> new LinkedHashSet<>())
                .add(e.getKey()));
    for (var entry : namesOfFile.entrySet()) {
      String file = entry.getKey();
      if (!file.matches("[A-Za-z0-9._-]+\\.safetensors")) {
        throw new DataException(
            index + ": '" + file + "' is not the name of a safetensors file in this folder");
      }
      if (!Files.isRegularFile(folder.resolve(file))) {
        throw new DataException(
            index + " names '" + file + "', which is not there; get the folder again, whole");
      }
      add(folder.resolve(file), entry.getValue());
    }
  }

  /** Adds the tensors of a file: all, or those that the index says it has. */
  private void add(Path file, Set<String> names) throws IOException {
    SafeTensorsReader reader = SafeTensorsReader.open(file);
    files.add(reader);
    int added = 0;
    for (SafeTensorsEntry entry : reader.tensors()) {
      if (HfNames.isBuffer(entry.name()) || names != null && !names.contains(entry.name())) {
        continue;
      }
      var tensor =
          new StoredTensor(
              file + ": tensor '" + entry.name() + "'",
              entry.type(),
              entry.shapeArray(),
              reader.data(entry));
      if (tensors.put(HfNames.ours(entry.name()), tensor) != null) {
        throw new DataException(tensor.where() + " is there twice");
      }
      added++;
    }
    long wanted =
        names == null ? added : names.stream().filter(name -> !HfNames.isBuffer(name)).count();
    if (added != wanted) {
      throw new DataException(file + " lacks tensors that " + INDEX + " promises");
    }
  }

  /** By our names. */
  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  @Override
  public void close() {
    files.forEach(SafeTensorsReader::close);
  }
}
