package birkhoff.tests.data;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.transformer.data.Preparation;
import birkhoff.transformer.data.TextSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prepares a text four times as large as the heap. */
class PrepareMemoryTest {
  private static final long LENGTH = 64_000_000;

  @TempDir Path folder;

  @Test
  @Timeout(90)
  void memoryDoesNotGrowWithTheText() throws Exception {
    Path log = folder.resolve("log");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                folder.resolve("data").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(child.waitFor(80, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as(Files.readString(log)).isZero();
    assertThat(folder.resolve("data/train.bin")).hasSize(LENGTH / 10 * 9 * 2);
    assertThat(folder.resolve("data/val.bin")).hasSize(LENGTH / 10 * 2);
  }

  /** Runs with a heap of 16 MB. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      var text = new Repeated("The quick brown fox jumps over the lazy dog. ", LENGTH);
      Preparation.run(
          new TextSource("generated", List.of(text)),
          "char",
          Path.of(args[0]),
          Preparation.Progress.NONE);
    }
  }

  /** A text that is computed, not stored. */
  private record Repeated(String text, long length) implements TextSource.Document {
    @Override
    public String name() {
      return "repeated";
    }

    @Override
    public InputStream open() {
      byte[] pattern = text.getBytes(StandardCharsets.US_ASCII);
      return new InputStream() {
        private long at;

        @Override
        public int read() {
          return at == length ? -1 : pattern[(int) (at++ % pattern.length)];
        }

        @Override
        public int read(byte[] to, int offset, int count) {
          int size = (int) Math.min(count, length - at);
          for (int i = 0; i < size; i++) {
            to[offset + i] = pattern[(int) ((at + i) % pattern.length)];
          }
          at += size;
          return size == 0 && count > 0 ? -1 : size;
        }
      };
    }
  }
}
