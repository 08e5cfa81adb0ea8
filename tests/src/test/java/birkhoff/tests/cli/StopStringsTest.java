package birkhoff.tests.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.tests.support.Seeds;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.sample.StopStrings;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  private static String run(List<String> stop, String... pieces) {
    var strings = new StopStrings(stop);
    var out = new ByteArrayOutputStream();
    for (String piece : pieces) {
      out.writeBytes(strings.accept(piece.getBytes(UTF_8)));
    }
    out.writeBytes(strings.rest());
    return out.toString(UTF_8);
  }

  @Test
  void aStringWithinAPieceOrAcrossPiecesEndsTheText() {
    assertThat(run(List.of("END"), "one END two")).isEqualTo("one ");
    assertThat(run(List.of("END"), "one E", "N", "D two", " END")).isEqualTo("one ");
    assertThat(run(List.of("aab"), "a", "a", "a", "b", "c")).isEqualTo("a");
    assertThat(run(List.of(), "a", "b")).isEqualTo("ab");
  }

  @Test
  void theFirstOfSeveralCounts() {
    assertThat(run(List.of("yy", "x"), "a", "y", "x", "yy")).isEqualTo("ay");
    assertThat(run(List.of("abcd", "bc"), "ab", "cx")).isEqualTo("a");
  }

  @Test
  void whatMayBeTheBeginningIsHeldBackAndNothingElse() {
    var strings = new StopStrings(List.of("\n\n", "User:"));
    assertThat(strings.accept("Hi\n".getBytes(UTF_8))).isEqualTo("Hi".getBytes(UTF_8));
    assertThat(strings.accept("Use".getBytes(UTF_8))).isEqualTo("\n".getBytes(UTF_8));
    assertThat(strings.accept("d".getBytes(UTF_8))).isEqualTo("Used".getBytes(UTF_8));
    assertThat(strings.met()).isFalse();
    assertThat(strings.accept("User: more".getBytes(UTF_8))).isEmpty();
    assertThat(strings.met()).isTrue();
    assertThat(strings.rest()).isEmpty();
  }

  @Test
  void bytesOfOneCharacterMayArriveApart() {
    byte[] euro = "5 €!".getBytes(UTF_8);
    var strings = new StopStrings(List.of("€"));
    var out = new ByteArrayOutputStream();
    for (byte b : euro) {
      out.writeBytes(strings.accept(new byte[] {b}));
    }
    assertThat(out.toString(UTF_8)).isEqualTo("5 ");
  }

  /** However a text is cut, the result is what searching the whole text gives. */
  @Test
  void cutsDoNotMatter() {
    RandomGenerator random = Seeds.random("cuts");
    int stopped = 0;
    for (int round = 0; round < 2000; round++) {
      String text = letters(random, 12);
      List<String> stop = List.of(letters(random, 3), letters(random, 2) + "b");
      String[] pieces = text.split("(?<=" + "ab".charAt(random.nextInt(2)) + ")", -1);
      int at =
          stop.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(text.length());
      stopped += at < text.length() ? 1 : 0;
      assertThat(run(stop, pieces))
          .as("%s without %s, in %s", text, stop, Arrays.toString(pieces))
          .isEqualTo(text.substring(0, at));
    }
    assertThat(stopped).isBetween(200, 1990);
  }

  private static String letters(RandomGenerator random, int most) {
    var text = new StringBuilder();
    for (int i = 1 + random.nextInt(most); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(2)));
    }
    return text.toString();
  }

  @Test
  void anEmptyStringIsRefused() {
    assertThatThrownBy(() -> new StopStrings(List.of("a", "")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("stop must not be empty");
  }
}
