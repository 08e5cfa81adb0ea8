package birkhoff.transformer.data;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The {@code meta.json} of a prepared folder.
 *
 * @param tokenizer made the ids
 * @param width of the ids in the files
 * @param trainTokens length of {@code train.bin}
 * @param valTokens length of {@code val.bin}
 * @param sourceSha256 of the text
 */
record PreparedMeta(
    Tokenizer tokenizer, TokenWidth width, long trainTokens, long valTokens, String sourceSha256) {
  static final String FILE = "meta.json";
  private static final String FORMAT = "birkhoff-tokens";
  private static final int VERSION = 1;

  ObjectNode toJson(TextScan scan) {
    ObjectNode json = Json.object();
    json.put("format", FORMAT);
    json.put("version", VERSION);
    json.put("vocab_size", tokenizer.vocabularySize());
    json.put("dtype", width.label());
    ObjectNode split = json.putObject("split");
    split.put("train_characters", scan.trainLength());
    split.put("val_characters", scan.length() - scan.trainLength());
    split.put("train_tokens", trainTokens);
    split.put("val_tokens", valTokens);
    json.put("source_sha256", sourceSha256);
    json.put("source_bytes", scan.utf8Bytes());
    json.set("tokenizer", tokenizer.toJson());
    return json;
  }

  static PreparedMeta read(Path file) throws IOException {
    ObjectNode json = Json.read(file);
    if (!Json.string(file, json, "format").equals(FORMAT)
        || Json.integer(file, json, "version") != VERSION) {
      throw new DataException(file + " is not of format " + FORMAT + " version " + VERSION);
    }
    Tokenizer tokenizer = Tokenizers.fromJson(file, Json.require(file, json, "tokenizer"));
    if (Json.integer(file, json, "vocab_size") != tokenizer.vocabularySize()) {
      throw new DataException(
          file
              + ": vocab_size does not match the tokenizer, which has "
              + tokenizer.vocabularySize()
              + " tokens");
    }
    String label = Json.string(file, json, "dtype");
    TokenWidth width =
        Arrays.stream(TokenWidth.values())
            .filter(w -> w.label().equals(label))
            .findFirst()
            .orElseThrow(
                () -> new DataException(file + ": dtype '" + label + "' is not uint16 or uint32"));
    var split = Json.require(file, json, "split");
    return new PreparedMeta(
        tokenizer,
        width,
        Json.integer(file, split, "train_tokens"),
        Json.integer(file, split, "val_tokens"),
        Json.string(file, json, "source_sha256"));
  }
}
