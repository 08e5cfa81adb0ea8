package birkhoff.transformer.exchange;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Every parameter under its own name, with configuration and tokenizer in the metadata. */
final class PlainSafeTensors extends ModelFormat {
  PlainSafeTensors() {
    super("safetensors", "one file; its metadata hold the configuration and the tokenizer as JSON");
  }

  @Override
  public void write(Checkpoint saved, Path out, Consumer<String> notes) throws IOException {
    try (var model = SafeTensorsReader.open(saved.folder().resolve(Checkpoint.MODEL))) {
      var writer =
          new SafeTensorsWriter()
              .metadata("format", "pt")
              .metadata("config", Json.line(RunConfigText.json(saved.config())))
              .metadata("tokenizer", Json.line(saved.tokenizer().toJson()));
      for (SafeTensorsEntry tensor : model.tensors()) {
        writer.add(tensor.name(), tensor.type(), tensor.shapeArray(), model.data(tensor));
      }
      writer.write(out);
    }
  }
}
