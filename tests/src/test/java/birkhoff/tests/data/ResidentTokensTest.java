package birkhoff.tests.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.transformer.data.TokenWidth;
import birkhoff.transformer.data.Tokens;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows from all over a large token file do not stay resident. */
class ResidentTokensTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long TOKENS = 500_000_000;

  @TempDir private Path folder;

  private static long residentFilePages() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("RssFile:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(-1);
  }

  @Test
  void residentMemoryDoesNotGrowWithTheWindowsThatWereRead() throws IOException {
    assumeTrue(Files.exists(STATUS) && residentFilePages() >= 0, "Linux tells resident pages");
    Path file = folder.resolve("train.bin");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(2 * TOKENS);
    }
    var random = new SplittableRandom(1);
    int[] window = new int[257];
    try (Tokens tokens = Tokens.map(file, TokenWidth.UINT16, 50_257)) {
      assertThat(tokens.size()).isEqualTo(TOKENS);
      long before = residentFilePages();
      // Twice, so that the pages are in the system's cache, from where many are mapped at a time.
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4000; i++) {
          tokens.copy(i * (TOKENS / 4001) + random.nextInt(100), window, 0, window.length);
        }
        assertThat(residentFilePages() - before)
            .as("kB more in round %d", round)
            .isLessThan(32_000);
      }
    }
  }
}
