package birkhoff.tests.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.transformer.StderrFilter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StderrFilterTest {
  private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector\n";

  @Test
  void onlyTheIncubatorLineGoes() throws IOException {
    assertThat(filtered(WARNING + "step 1\rstep 2\rdone\n")).isEqualTo("step 1\rstep 2\rdone\n");
    assertThat(filtered("Picked up JAVA_TOOL_OPTIONS: -ea\n" + WARNING + "x"))
        .isEqualTo("Picked up JAVA_TOOL_OPTIONS: -ea\nx");
  }

  @Test
  void itGoesOnce() throws IOException {
    assertThat(filtered(WARNING + WARNING)).isEqualTo(WARNING);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "WARN",
        "WARNING: other\n",
        "WARNING: Using incubator\nx",
        "50 % \u00e9 \u2588\r",
      })
  void everythingElseStays(String text) throws IOException {
    assertThat(filtered(text)).isEqualTo(text);
  }

  @Test
  @Timeout(10)
  void anUnfinishedLineIsNotHeldBack() throws Exception {
    try (var in = new PipedInputStream();
        var to = new PipedOutputStream();
        var seen = new PipedInputStream(to)) {
      Thread copier;
      try (var from = new PipedOutputStream(in)) {
        copier = Thread.ofVirtual().start(() -> copy(in, to));
        from.write((WARNING + " 5 %\r").getBytes(StandardCharsets.UTF_8));
        from.flush();
        assertThat(new String(seen.readNBytes(5), StandardCharsets.UTF_8)).isEqualTo(" 5 %\r");
      }
      copier.join();
    }
  }

  private static String filtered(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var whole = new ByteArrayOutputStream();
    new StderrFilter(new ByteArrayInputStream(bytes), whole).copy();
    var inPieces = new ByteArrayOutputStream();
    new StderrFilter(new OneByteAtATime(bytes), inPieces).copy();
    assertThat(inPieces.toByteArray()).isEqualTo(whole.toByteArray());
    return whole.toString(StandardCharsets.UTF_8);
  }

  private static void copy(InputStream from, PipedOutputStream to) {
    try {
      new StderrFilter(from, to).copy();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A stream whose reads are as short as they can be. */
  private static final class OneByteAtATime extends ByteArrayInputStream {
    OneByteAtATime(byte[] bytes) {
      super(bytes);
    }

    @Override
    public synchronized int read(byte[] buffer, int offset, int length) {
      return super.read(buffer, offset, Math.min(length, 1));
    }
  }
}
