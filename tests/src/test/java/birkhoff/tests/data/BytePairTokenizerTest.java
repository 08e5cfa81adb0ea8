package birkhoff.tests.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.tests.support.Seeds;
import birkhoff.transformer.data.BuiltInCorpus;
import birkhoff.transformer.data.TextSource;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.ByteTokenizer;
import birkhoff.transformer.tokenizer.CharTokenizer;
import birkhoff.transformer.tokenizer.PieceCutter;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import birkhoff.transformer.tokenizer.TrainingText;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePairTokenizerTest {
  private static final String UNICODE =
      "it's  we'll\ttabs\n\n\nnaïve café 語語 😀\u00a0x\u3000y\u0085z\u001c. 12345 ''' \r\n  ";

  @TempDir private Path folder;

  private record Given(String... pieces) implements TrainingText {
    @Override
    public BitSet characters() {
      throw new AssertionError("not needed");
    }

    @Override
    public void read(Receiver receiver) throws IOException {
      for (String piece : pieces) {
        receiver.accept(piece);
      }
    }
  }

  private static Tokenizer learnt(int size, String... pieces) throws IOException {
    return Tokenizers.forText("bpe:" + size, new Given(pieces));
  }

  private static String javaText() throws IOException {
    var text = new StringBuilder();
    for (TextSource.Document d : BuiltInCorpus.ofRunningJdk().documents().subList(0, 20)) {
      try (var in = d.open()) {
        text.append(new String(in.readAllBytes(), UTF_8));
      }
    }
    return text.toString();
  }

  /** Ids that OpenAI's and Hugging Face's encoders give. */
  @Test
  void gpt2HasItsIds() throws IOException {
    Tokenizer gpt2 = Tokenizers.forText("gpt2", new Given());
    assertThat(gpt2.vocabularySize()).isEqualTo(50_257);
    assertThat(gpt2.encode("Hello world, it's")).containsExactly(15496, 995, 11, 340, 338);
    // What looks like a special token in a text is text.
    assertThat(gpt2.encode("<|endoftext|>")).containsExactly(27, 91, 437, 1659, 5239, 91, 29);
    assertThat(gpt2.decode(50_256)).isEqualTo("<|endoftext|>");
    assertThat(gpt2.encode(UNICODE).length).isLessThan(UNICODE.getBytes(UTF_8).length);
    assertThat(gpt2.decode(gpt2.encode(UNICODE))).isEqualTo(UNICODE);
    assertThatThrownBy(() -> gpt2.bytes(50_257)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** Worked out by hand: "ab" three times, then "abc" twice before any other pair. */
  @Test
  void theMostFrequentPairIsMergedFirst() throws IOException {
    Tokenizer t = learnt(258, "abc abc ab");
    assertThat(t.vocabularySize()).isEqualTo(258);
    assertThat(t.decode(256)).isEqualTo("ab");
    // " ab" (2) comes before "abc" (2): of equal pairs that with the lower ids, and a space's id is
    // above those of letters, but its pair " "+"ab" is (220, 256), that of "abc" (256, 66).
    assertThat(t.decode(257)).isEqualTo(" ab");
    assertThat(t.encode("abab c")).containsExactly(256, 256, 220, 66);
  }

  @Test
  void aTextWithoutMorePairsGivesFewerTokens() throws IOException {
    Tokenizer t = learnt(5000, "aaa");
    assertThat(t.vocabularySize()).isEqualTo(258);
    assertThat(t.encode("aaaaa")).hasSize(2);
    assertThat(learnt(300, "").vocabularySize()).isEqualTo(256);
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 300, 1000})
  void decodingUndoesEncodingAlsoAfterAStayInJson(int size) throws IOException {
    Tokenizer t = learnt(size, javaText());
    assertThat(t.name()).isEqualTo("bpe:" + size);
    Tokenizer again =
        Tokenizers.fromJson(Path.of("meta.json"), Json.parse("m", Json.pretty(t.toJson())));
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, Json.pretty(t.tokenizerJson()));
    Tokenizer fromFile = Tokenizers.forText(file.toString(), new Given());
    assertThat(fromFile.hash()).isEqualTo(t.hash());
    for (String text : List.of(UNICODE, javaText(), "", "x")) {
      int[] ids = t.encode(text);
      assertThat(t.decode(ids)).isEqualTo(text);
      assertThat(again.encode(text)).isEqualTo(ids);
      assertThat(fromFile.encode(text)).isEqualTo(ids);
    }
    Set<String> different = new HashSet<>();
    for (int id = 0; id < size; id++) {
      different.add(new String(t.bytes(id), java.nio.charset.StandardCharsets.ISO_8859_1));
    }
    assertThat(different).hasSize(size);
  }

  @Test
  void whatIsLearntDoesNotDependOnThePiecesOfTheText() throws IOException {
    String text = javaText();
    Tokenizer whole = learnt(600, text);
    RandomGenerator random = Seeds.random("pieces");
    List<String> pieces = cut(text, random, 500);
    assertThat(learnt(600, pieces.toArray(String[]::new)).hash()).isEqualTo(whole.hash());
  }

  private static List<String> cut(String text, RandomGenerator random, int most) {
    List<String> pieces = new ArrayList<>();
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + 1 + random.nextInt(most));
      if (to < text.length() && Character.isLowSurrogate(text.charAt(to))) {
        to++;
      }
      pieces.add(text.substring(from, to));
      from = to;
    }
    return pieces;
  }

  /** Texts of white space, letters, digits and marks in every order. */
  @Test
  void aTextInPiecesGivesTheIdsOfTheWhole() throws IOException {
    RandomGenerator random = Seeds.random("texts");
    Tokenizer gpt2 = Tokenizers.forText("gpt2", new Given());
    String[] parts = {
      " ", "  ", "\n", "\t", "\u00a0", "\u0085", "\u001c", "a", "the", "9", "!", "'s", "é", "語",
      "😀"
    };
    int apart = 0;
    for (int round = 0; round < 500; round++) {
      var text = new StringBuilder();
      for (int i = 0; i < 60; i++) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      List<Integer> ids = new ArrayList<>();
      int[] calls = new int[1];
      TrainingText.Receiver encode =
          piece -> {
            calls[0]++;
            for (int id : gpt2.encode(piece)) {
              ids.add(id);
            }
          };
      var cutter = new PieceCutter(gpt2::separable);
      for (String piece : cut(text.toString(), random, 12)) {
        cutter.accept(piece, encode);
      }
      cutter.finish(encode);
      apart += calls[0] > 1 ? 1 : 0;
      assertThat(ids.stream().mapToInt(i -> i).toArray())
          .as("%s", text)
          .isEqualTo(gpt2.encode(text.toString()));
    }
    assertThat(apart).isGreaterThan(400);
  }

  @Test
  void aTextWithoutBreaksDoesNotFillTheMemory() throws IOException {
    var cutter = new PieceCutter(text -> 0);
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      cutter.accept("x".repeat(1 << 16), piece -> lengths.add(piece.length()));
    }
    assertThat(lengths).hasSize(2);
  }

  @Test
  void badNamesAreRefusedBeforeAnythingIsRead() {
    for (String name : List.of("bpe", "bpe:", "bpe:x", "bpe:255", "bpe:-1", "bpe:99999999")) {
      assertThatThrownBy(() -> Tokenizers.requireKnown(name))
          .as(name)
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("'" + name + "'");
    }
    assertThatThrownBy(() -> Tokenizers.requireKnown("no/tokenizer.json"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void definitionsOfOtherKindsAreRefusedWithTheRule() throws IOException {
    refused(json -> model(json).put("type", "WordPiece"), "model.type is not BPE");
    refused(json -> json.putNull("pre_tokenizer"), "pre_tokenizer is not ByteLevel");
    refused(
        json -> ((ObjectNode) json.get("pre_tokenizer")).put("add_prefix_space", true),
        "without a space in front");
    refused(json -> json.putObject("normalizer").put("type", "NFC"), "normalizer");
    refused(json -> model(json).remove("vocab"), "'vocab' is missing");
    refused(json -> model(json).remove("merges"), "'merges' is missing");
    refused(json -> vocabulary(json).put("a", 300), "ids leave out");
    refused(json -> vocabulary(json).put("a", "x"), "is no number");
    refused(json -> vocabulary(json).put("a", -1), "is no number");
    refused(json -> vocabulary(json).put("ab", 3), "two tokens have the id 3");
    refused(json -> vocabulary(json).put("\u4e00", 258), "is not made of bytes");
    refused(json -> model(json).putArray("merges").add("x y"), "makes no token");
    refused(json -> model(json).putArray("merges").add("ab c").add("a b"), "not in the order");
    Files.writeString(folder.resolve("bad.json"), "{");
    assertThatThrownBy(() -> Tokenizers.forText(folder.resolve("bad.json").toString(), new Given()))
        .isInstanceOf(DataException.class);
    ObjectNode noObject = Json.object().put("type", "bpe").put("tokenizer", 3);
    assertThatThrownBy(() -> Tokenizers.fromJson(Path.of("m"), noObject))
        .isInstanceOf(DataException.class);
  }

  /** Pairs may be lists, and special tokens are decoded but not made of text. */
  @Test
  void newerFilesAndSpecialTokensAreRead() throws IOException {
    ObjectNode json = learnt(258, "abcabc ab").tokenizerJson();
    var merges = model(json).putArray("merges");
    merges.addArray().add("a").add("b");
    merges.addArray().add("ab").add("c");
    var special = json.putArray("added_tokens").addObject();
    special.put("id", 258).put("content", "<|end|>").put("special", true);
    Path file = Files.writeString(folder.resolve("new.json"), Json.pretty(json));
    Tokenizer t = Tokenizers.forText(file.toString(), new Given());
    assertThat(t.vocabularySize()).isEqualTo(259);
    assertThat(t.decode(258)).isEqualTo("<|end|>");
    assertThat(t.encode("abc<|end|>")).doesNotContain(258).startsWith(257);
  }

  /** The first and the last lines of GPT-2's merges.txt, found again from its tokens. */
  @Test
  void theMergesOfGpt2AreThoseOfItsFile() throws IOException {
    ObjectNode json = Tokenizers.ofName("gpt2").tokenizerJson();
    List<String> merges = new java.util.ArrayList<>();
    model(json).get("merges").forEach(m -> merges.add(m.asText()));
    assertThat(merges)
        .hasSize(50_000)
        .startsWith("Ġ t", "Ġ a", "h e", "i n", "r e", "o n", "Ġt he");
    assertThat(merges).endsWith("ĠColl ider", "Ġinform ants", "Ġg azed");
    assertThat(vocabulary(json)).hasSize(50_257);
    Path file = Files.writeString(folder.resolve("gpt2.json"), Json.pretty(json));
    assertThat(Tokenizers.ofName(file.toString()).name()).isEqualTo("gpt2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"char", "byte"})
  void theSimpleKindsComeBackFromTheirFiles(String kind) throws IOException {
    Tokenizer t = kind.equals("byte") ? new ByteTokenizer() : CharTokenizer.of(UNICODE);
    Path file = Files.writeString(folder.resolve("tokenizer.json"), Json.pretty(t.tokenizerJson()));
    Tokenizer again = Tokenizers.ofName(file.toString());
    assertThat(again.hash()).isEqualTo(t.hash());
    assertThat(again.encode(UNICODE)).isEqualTo(t.encode(UNICODE));
  }

  private static ObjectNode model(ObjectNode json) {
    return (ObjectNode) json.get("model");
  }

  private static ObjectNode vocabulary(ObjectNode json) {
    return (ObjectNode) model(json).get("vocab");
  }

  private void refused(Consumer<ObjectNode> spoil, String rule) throws IOException {
    ObjectNode json = learnt(258, "abcabc ab").tokenizerJson();
    spoil.accept(json);
    Path file = Files.writeString(folder.resolve("spoilt.json"), Json.pretty(json));
    assertThatThrownBy(() -> Tokenizers.forText(file.toString(), new Given()))
        .as(rule)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("spoilt.json")
        .hasMessageContaining(rule);
  }
}
