package birkhoff.transformer.exchange;

import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.error.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A format that models are written in for other programs. */
public abstract class ModelFormat {
  private final String name;
  private final String help;

  ModelFormat(String name, String help) {
    this.name = name;
    this.help = help;
  }

  /** The one place that knows which formats there are. */
  public static List<ModelFormat> all() {
    return List.of(new PlainSafeTensors(), new HfGpt2(), new Gguf());
  }

  /**
   * The format of that name.
   *
   * @throws UsageException when there is none
   */
  public static ModelFormat of(String name) {
    return all().stream()
        .filter(format -> format.name.equals(name))
        .findFirst()
        .orElseThrow(() ->
            new UsageException(
                "format="
                    + name
                    + " does not exist; there are "
                    + all().stream().map(ModelFormat::name).collect(Collectors.joining(", "))));
  }

  /** What the command line calls it. */
  public final String name() {
    return name;
  }

  /** What it is, in a sentence. */
  public final String help() {
    return help;
  }

  /**
   * Writes a model, at once and whole.
   *
   * @param out file or folder
   * @param notes told what people should know about the result
   * @throws UsageException when the format cannot hold the model
   */
  public abstract void write(Checkpoint saved, Path out, Consumer<String> notes) throws IOException;
}
