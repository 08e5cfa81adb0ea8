package birkhoff.tests.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.ByteTokenizer;
import birkhoff.transformer.tokenizer.CharTokenizer;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import birkhoff.transformer.tokenizer.TrainingText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  private static final String TEXT = "To be, or not\tto be?\n é語😀 \u0000\uffff";

  private record Text() implements TrainingText {
    @Override
    public BitSet characters() {
      return TokenizerTest.characters(TEXT);
    }

    @Override
    public void read(Receiver receiver) {
      throw new AssertionError("not needed");
    }
  }

  @Test
  void charactersAreNumberedInCodePointOrder() {
    Tokenizer tokenizer = CharTokenizer.of("hello\nwörld 😀");
    assertThat(tokenizer.vocabularySize()).isEqualTo(11);
    assertThat(tokenizer.encode("\n dehlorwö😀")).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(tokenizer.decode(4, 3, 10)).isEqualTo("he😀");
  }

  @ParameterizedTest
  @ValueSource(strings = {"char", "byte"})
  void decodingUndoesEncodingAlsoAfterAStayInJson(String name) throws IOException {
    Tokenizer tokenizer = Tokenizers.forText(name, new Text());
    Tokenizer again =
        Tokenizers.fromJson(
            Path.of("meta.json"), Json.parse("meta.json", Json.pretty(tokenizer.toJson())));
    assertThat(again.encode(TEXT)).isEqualTo(tokenizer.encode(TEXT));
    assertThat(again.decode(tokenizer.encode(TEXT))).isEqualTo(TEXT);
    assertThat(again.hash()).isEqualTo(tokenizer.hash()).hasSize(64);
  }

  @Test
  void hashesTellTokenizersApart() {
    assertThat(CharTokenizer.of("abc").hash()).isNotEqualTo(CharTokenizer.of("abd").hash());
    assertThat(CharTokenizer.of("abc").hash()).isEqualTo(CharTokenizer.of("cabba").hash());
    assertThat(new ByteTokenizer().hash()).isNotEqualTo(CharTokenizer.of("abc").hash());
  }

  @Test
  void anUnknownCharacterIsNamedWithItsPlaceAndTheRemedy() {
    assertThatThrownBy(() -> CharTokenizer.of("ab😀").encode("a😀bé"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'é'")
        .hasMessageContaining("U+00E9")
        .hasMessageContaining("position 3")
        .hasMessageContaining("--tokenizer=byte");
    assertThatThrownBy(() -> CharTokenizer.of("ab").encode("\t")).hasMessageContaining("U+0009");
    assertThatThrownBy(() -> CharTokenizer.of("ab").encode("𝄞")).hasMessageContaining("U+1D11E");
  }

  @Test
  void byteLengthsAreThoseOfUtf8() {
    assertThat(CharTokenizer.of("aé語😀").byteLengths()).containsExactly(1, 2, 3, 4);
    assertThat(new ByteTokenizer().byteLengths()).hasSize(256).containsOnly(1);
  }

  @Test
  void aHalfCharacterDecodesToTheReplacementCharacter() {
    int[] bytes = new ByteTokenizer().encode("é");
    assertThat(new ByteTokenizer().decode(bytes[0])).isEqualTo("\ufffd");
  }

  @Test
  void badDefinitionsAreRefused() {
    Path file = Path.of("meta.json");
    assertThatThrownBy(() -> Tokenizers.fromJson(file, Json.object().put("type", "gpt5")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("gpt5");
    assertThatThrownBy(() ->
            Tokenizers.fromJson(file, Json.object().put("type", "char").put("characters", "aba")))
        .hasMessageContaining("repeat");
    assertThatThrownBy(() -> Tokenizers.fromJson(file, Json.object().put("type", "char")))
        .hasMessageContaining("'characters' is missing");
    assertThatThrownBy(() -> Tokenizers.requireKnown("morse")).isInstanceOf(UsageException.class);
    assertThatThrownBy(() -> new CharTokenizer(new BitSet())).isInstanceOf(DataException.class);
  }

  private static BitSet characters(String text) {
    var set = new BitSet();
    text.codePoints().forEach(set::set);
    return set;
  }
}
