package birkhoff.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.io.FormatException;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Spoils a file again and again and reads it: what reads it succeeds or says what is wrong, with at
 * most 64 MiB and a second.
 */
final class MutantCampaign {
  private static final long MOST_BYTES = 64L << 20;
  private static final long MOST_NANOS = 1_000_000_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private MutantCampaign() {}

  @FunctionalInterface
  interface Reader {
    void read() throws IOException;
  }

  @FunctionalInterface
  interface Spoiler {
    byte[] spoil(byte[] good, SplittableRandom random);
  }

  /** Of a file whose every piece matters: more than a quarter of the spoilt ones are refused. */
  static void refusing(String name, Path file, int cases, Spoiler spoiler, Reader reader)
      throws IOException {
    int refused = run(name, file, cases, spoiler, reader);
    assertThat(refused).as("refused " + name).isGreaterThan(Campaign.cases(cases) / 4);
  }

  /**
   * Of any file; the good one is put back at the end.
   *
   * @return how many were refused
   */
  static int run(String name, Path file, int cases, Spoiler spoiler, Reader reader)
      throws IOException {
    byte[] good = Files.readAllBytes(file);
    reader.read();
    int refused = 0;
    long thread = Thread.currentThread().threadId();
    for (int i = 0; i < Campaign.cases(cases); i++) {
      byte[] bad = spoiler.spoil(good, Seeds.random("mutant", name, i));
      Files.write(file, bad);
      long bytes = THREADS.getThreadAllocatedBytes(thread);
      long nanos = THREADS.getCurrentThreadCpuTime();
      try {
        reader.read();
      } catch (FormatException | DataException | UsageException e) {
        refused++;
        assertThat(e.getMessage()).as("%s, case %d", name, i).isNotBlank();
      } catch (Throwable e) {
        throw new AssertionError(name + ", case " + i + ": " + show(bad), e);
      }
      String at = name + ", case " + i;
      assertThat(THREADS.getThreadAllocatedBytes(thread) - bytes).as(at).isLessThan(MOST_BYTES);
      assertThat(THREADS.getCurrentThreadCpuTime() - nanos).as(at).isLessThan(MOST_NANOS);
    }
    Files.write(file, good);
    Campaign.ran(name, "%,d spoilt files, %,d refused", Campaign.cases(cases), refused);
    return refused;
  }

  private static String show(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.length() < 2000 ? text : text.substring(0, 2000) + "…";
  }
}
