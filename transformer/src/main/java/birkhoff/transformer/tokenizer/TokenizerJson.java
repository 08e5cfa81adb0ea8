package birkhoff.transformer.tokenizer;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The contents of a Hugging Face {@code tokenizer.json} with byte pair encoding over bytes.
 *
 * @param json the whole definition
 * @param tokens by id
 * @param special ids that no text is encoded to
 */
record TokenizerJson(ObjectNode json, byte[][] tokens, BitSet special) {
  /** GPT-2's only special token: the end of a document. */
  static final String END_OF_TEXT = "<|endoftext|>";

  /** Of tokens and the pairs that made all but the first 256, in order. */
  static TokenizerJson of(List<byte[]> tokens, List<int[]> merges) {
    List<String> written = tokens.stream().map(ByteAlphabet::write).toList();
    ObjectNode json =
        frame(
            written,
            merges.stream().map(m -> written.get(m[0]) + " " + written.get(m[1])).toList());
    json.set("pre_tokenizer", byteLevel(false));
    json.set("decoder", byteLevel(true));
    return new TokenizerJson(json, tokens.toArray(byte[][]::new), new BitSet());
  }

  /** GPT-2's two files, whose tokens that nothing makes are special. */
  static TokenizerJson ofGpt2Files(Path file, ObjectNode vocabulary, List<String> merges) {
    ObjectNode json = frame(List.of(), merges);
    json.set("pre_tokenizer", byteLevel(false));
    json.set("decoder", byteLevel(true));
    ((ObjectNode) json.path("model")).set("vocab", vocabulary);
    if (vocabulary.has(END_OF_TEXT)) {
      addSpecial(json, END_OF_TEXT, vocabulary.path(END_OF_TEXT).asInt());
    }
    return read(file, json);
  }

  /** Adds a token that no text is encoded to. */
  static void addSpecial(ObjectNode json, String content, int id) {
    ObjectNode token = ((ArrayNode) json.path("added_tokens")).addObject();
    token.put("id", id);
    token.put("content", content);
    token.put("single_word", false);
    token.put("lstrip", false);
    token.put("rstrip", false);
    token.put("normalized", true);
    token.put("special", true);
  }

  /** A definition of byte pair encoding, but for how texts are cut and put together. */
  static ObjectNode frame(List<String> tokens, List<String> merges) {
    ObjectNode json = Json.object();
    json.put("version", "1.0");
    json.putNull("truncation");
    json.putNull("padding");
    json.putArray("added_tokens");
    json.putNull("normalizer");
    json.putNull("pre_tokenizer");
    json.putNull("post_processor");
    json.putNull("decoder");
    ObjectNode model = json.putObject("model");
    model.put("type", "BPE");
    for (String nothing :
        List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
      model.putNull(nothing);
    }
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    ArrayNode list = model.putArray("merges");
    merges.forEach(list::add);
    return json;
  }

  private static ObjectNode byteLevel(boolean prefixSpace) {
    ObjectNode node = Json.object().put("type", "ByteLevel");
    node.put("add_prefix_space", prefixSpace);
    node.put("trim_offsets", true);
    node.put("use_regex", true);
    return node;
  }

  /**
   * Reads a definition.
   *
   * @param file named in messages
   * @throws DataException when it is of another kind, or incomplete
   */
  static TokenizerJson read(Path file, ObjectNode json) {
    JsonNode model = Json.require(file, json, "model");
    check(file, "BPE".equals(model.path("type").asText()), "model.type is not BPE");
    JsonNode before = json.path("pre_tokenizer");
    check(
        file,
        "ByteLevel".equals(before.path("type").asText())
            && !before.path("add_prefix_space").asBoolean(false)
            && before.path("use_regex").asBoolean(true),
        "pre_tokenizer is not ByteLevel as GPT-2 has it, without a space in front");
    check(
        file,
        json.path("normalizer").isNull() || json.path("normalizer").isMissingNode(),
        "a normalizer is not supported");
    JsonNode vocabulary = Json.require(file, model, "vocab");
    JsonNode added = json.path("added_tokens");
    Map<String, Integer> ids = new HashMap<>();
    vocabulary.properties().forEach(e -> ids.put(e.getKey(), id(file, e.getValue())));
    Map<String, Integer> specials = new HashMap<>();
    added.forEach(t -> specials.put(t.path("content").asText(), id(file, t.path("id"))));
    int size =
        1
            + Math.max(
                ids.values().stream().mapToInt(i -> i).max().orElse(-1),
                specials.values().stream().mapToInt(i -> i).max().orElse(-1));
    check(file, size <= ids.size() + specials.size(), "ids leave out numbers below " + size);
    byte[][] tokens = new byte[size][];
    var special = new BitSet();
    specials.forEach((content, id) -> {
      tokens[id] = content.getBytes(StandardCharsets.UTF_8);
      special.set(id);
    });
    ids.forEach((written, id) -> {
      if (!special.get(id)) {
        byte[] bytes = ByteAlphabet.read(written);
        check(file, bytes != null, "token '" + written + "' is not made of bytes");
        check(file, tokens[id] == null, "two tokens have the id " + id);
        tokens[id] = bytes;
      }
    });
    for (int id = 0; id < size; id++) {
      check(file, tokens[id] != null, "no token has the id " + id);
    }
    for (byte[] one : ByteAlphabet.ordered()) {
      String written = ByteAlphabet.write(one);
      check(file, ids.containsKey(written), "the byte '" + written + "' has no token");
    }
    merges(file, Json.require(file, model, "merges"), ids);
    return new TokenizerJson(json, tokens, special);
  }

  /** Merges must be in the order of their results' ids, for that order is what encodes. */
  private static void merges(Path file, JsonNode merges, Map<String, Integer> ids) {
    int last = -1;
    for (JsonNode merge : merges) {
      String result =
          merge.isArray()
              ? merge.path(0).asText() + merge.path(1).asText()
              : merge.asText().replace(" ", "");
      Integer id = ids.get(result);
      check(file, id != null, "the merge '" + merge + "' makes no token");
      check(file, id > last, "merges are not in the order of the ids of what they make");
      last = id;
    }
  }

  private static int id(Path file, JsonNode node) {
    check(file, node.canConvertToInt() && node.asInt() >= 0, "the id " + node + " is no number");
    return node.asInt();
  }

  private static void check(Path file, boolean holds, String rule) {
    if (!holds) {
      throw new DataException(
          file + ": " + rule + "; a tokenizer.json like GPT-2's or of bpe:N is needed");
    }
  }
}
