package birkhoff.transformer.experiment.residuals;

import birkhoff.engine.io.AtomicFile;
import birkhoff.transformer.checkpoint.CheckpointStore;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code experiment.json}: what all runs in a folder have in common, so that later ones, perhaps
 * with more kinds or seeds, can be compared with them.
 */
final class ExperimentFile {
  private static final String NAME = "experiment.json";
  private static final String TEXT = "dataset_sha256";
  private static final String CONFIG = "config";

  private ExperimentFile() {}

  /**
   * Writes the file, or compares what is there.
   *
   * @throws UsageException when the folder holds runs of another experiment
   */
  static void check(ResidualsSettings settings, String sha256) throws IOException {
    Path file = settings.folder().resolve(NAME);
    ObjectNode now = json(settings.base(), sha256);
    if (!Files.exists(file)) {
      for (ResidualsCase run : settings.plan()) {
        Path folder = settings.folder().resolve(run.folder());
        if (new CheckpointStore(folder).latest().isPresent()) {
          throw new UsageException(
              "out_dir="
                  + settings.folder()
                  + " holds the run "
                  + run.folder()
                  + " but no "
                  + NAME
                  + " that says how it was trained; choose another folder");
        }
      }
      AtomicFile.writeString(file, Json.pretty(now));
      return;
    }
    List<String> differences = differences(Json.read(file), now);
    if (!differences.isEmpty()) {
      throw new UsageException(
          "out_dir="
              + settings.folder()
              + " holds runs with other values of "
              + String.join(", ", differences)
              + "; use the same settings to go on, or another folder");
    }
  }

  private static ObjectNode json(RunConfig base, String sha256) {
    ObjectNode json = Json.object();
    json.put("experiment", "residuals");
    json.put(TEXT, sha256);
    ObjectNode config = RunConfigText.json(base);
    for (Key<?> key : Keys.all().values()) {
      // The text is known by its hash: a path may be written in many ways.
      if (ResidualsSettings.isOwn(key) || key.equals(Keys.DATASET)) {
        config.remove(key.name());
      }
    }
    json.set(CONFIG, config);
    return json;
  }

  private static List<String> differences(ObjectNode there, ObjectNode now) {
    List<String> differences = new ArrayList<>();
    if (!there.path(TEXT).equals(now.get(TEXT))) {
      differences.add("dataset (another text)");
    }
    now.get(CONFIG)
        .properties()
        .forEach(entry -> {
          JsonNode before = there.path(CONFIG).path(entry.getKey());
          if (!before.asText().equals(entry.getValue().asText())) {
            differences.add(
                entry.getKey()
                    + " ("
                    + before.asText()
                    + " there, "
                    + entry.getValue().asText()
                    + " here)");
          }
        });
    return differences;
  }
}
