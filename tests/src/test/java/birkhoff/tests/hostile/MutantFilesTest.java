package birkhoff.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.io.FormatException;
import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.exchange.GgufEntry;
import birkhoff.transformer.exchange.GgufReader;
import birkhoff.transformer.exchange.HfFolder;
import birkhoff.transformer.tokenizer.Tokenizers;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Campaign 11: spoilt files of every kind that is read end in success or in an error that names
 * what is wrong, with little memory and time.
 */
class MutantFilesTest {
  private static final long MOST_BYTES = 64L << 20;
  private static final long MOST_NANOS = 1_000_000_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir private Path folder;

  @FunctionalInterface
  private interface Reader {
    void read() throws IOException;
  }

  @FunctionalInterface
  private interface Spoiler {
    byte[] spoil(byte[] good, SplittableRandom random);
  }

  private static byte[] text(byte[] good, SplittableRandom random) {
    return random.nextInt(4) == 0
        ? Mutants.bytes(good, random)
        : Mutants.text(new String(good, StandardCharsets.UTF_8), random)
            .getBytes(StandardCharsets.UTF_8);
  }

  /** Spoils a file again and again, reads it, and puts the good one back. */
  private static void campaign(String name, Path file, int cases, Spoiler spoiler, Reader reader)
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
    assertThat(refused).as("refused " + name).isGreaterThan(Campaign.cases(cases) / 4);
  }

  private static String show(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.length() < 2000 ? text : text.substring(0, 2000) + "…";
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("a.safetensors");
    var numbers = MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5, 6});
    new SafeTensorsWriter()
        .metadata("format", "pt")
        .metadata("name", "ä \"quoted\" \\ text")
        .add("b.weight", SafeTensorsType.F32, new long[] {2, 3}, numbers)
        .add("scalar", SafeTensorsType.F32, new long[0], numbers.asSlice(0, 4))
        .add("empty", SafeTensorsType.F16, new long[] {0, 7}, numbers.asSlice(0, 0))
        .add("half", SafeTensorsType.BF16, new long[] {3}, numbers.asSlice(0, 6))
        .write(file);
    campaign(
        "safetensors",
        file,
        8000,
        Mutants::safetensors,
        () -> {
          try (var reader = SafeTensorsReader.open(file)) {
            for (SafeTensorsEntry entry : reader.tensors()) {
              MemorySegment data = reader.data(entry);
              for (long i = 0; i < data.byteSize(); i++) {
                data.get(ValueLayout.JAVA_BYTE, i);
              }
            }
          }
        });
  }

  @Test
  void gguf() throws IOException {
    GgufPieces good = GgufPieces.sample();
    Path file = Files.write(folder.resolve("a.gguf"), good.file());
    campaign(
        "GGUF",
        file,
        4000,
        (bytes, random) ->
            random.nextInt(3) == 0 ? Mutants.bytes(bytes, random) : good.spoilt(random),
        () -> {
          try (var reader = GgufReader.open(file)) {
            for (GgufEntry entry : reader.tensors()) {
              MemorySegment data = reader.data(entry);
              for (long i = 0; i < data.byteSize(); i++) {
                data.get(ValueLayout.JAVA_BYTE, i);
              }
            }
          }
        });
  }

  @Test
  void checkpoints() throws IOException {
    Path run = folder.resolve("run");
    SmallRun trained = SmallRun.train(run, "--dataset=" + SmallRun.text(folder), "--max_iters=1");
    assertThat(trained.code()).as(trained.err()).isZero();
    Path checkpoint = run.resolve("checkpoints/step-00000001");
    for (String name : new String[] {"state.json", "config.json", "vocabulary.json"}) {
      campaign(
          name,
          checkpoint.resolve(name),
          2000,
          MutantFilesTest::text,
          () -> {
            Checkpoint.open(checkpoint);
            Checkpoint.open(checkpoint).provenance();
          });
    }
    campaign(
        "best.json",
        run.resolve("best.json"),
        500,
        MutantFilesTest::text,
        () -> Checkpoint.open(run.resolve("best")));
  }

  @Test
  void configurationFiles() throws IOException {
    Path file = folder.resolve("run.toml");
    Files.writeString(
        file,
        "# a run\nn_layer = 2\nlearning_rate = 1e-3\nbias = true\ndataset = \"a \\\"text\\\"\"\n"
            + "hyper_conn_type = 'none'\nseed = -5\n");
    campaign(
        "TOML", file, 2000, MutantFilesTest::text, () -> new RunConfigBuilder().file(file).build());
  }

  @Test
  void tokenizers() throws IOException {
    Path out = folder.resolve("data");
    Path text = SmallRun.text(folder);
    SmallRun prepared =
        SmallRun.of("prepare", "--input=" + text, "--out=" + out, "--tokenizer=bpe:270");
    assertThat(prepared.code()).as(prepared.err()).isZero();
    Path file = out.resolve("tokenizer.json");
    campaign(
        "tokenizer.json",
        file,
        2000,
        MutantFilesTest::text,
        () -> Tokenizers.ofName(file.toString()).encode("to be or not"));
  }

  @Test
  void preparedFolders() throws IOException {
    Path out = folder.resolve("data");
    Path text = SmallRun.text(folder);
    assertThat(SmallRun.of("prepare", "--input=" + text, "--out=" + out).code()).isZero();
    Reader reader =
        () -> {
          try (Corpus corpus = Corpus.open(out.toString(), "char")) {
            int[] all = new int[64];
            for (long at = 0; at + all.length <= corpus.val().size(); at += all.length) {
              corpus.val().copy(at, all, 0, all.length);
            }
          }
        };
    campaign("meta.json", out.resolve("meta.json"), 1500, MutantFilesTest::text, reader);
    campaign("val.bin", out.resolve("val.bin"), 1000, Mutants::bytes, reader);
  }

  @Test
  void huggingFaceFolders() throws IOException {
    Path run = folder.resolve("run");
    SmallRun.train(
        run, "--dataset=" + SmallRun.text(folder), "--max_iters=1", "--hyper_conn_type=none");
    Path hf = folder.resolve("hf");
    SmallRun exported =
        SmallRun.of("export", "--checkpoint=" + run, "--format=hf-gpt2", "--out=" + hf);
    assertThat(exported.code()).as(exported.err()).isZero();
    for (String name : new String[] {"config.json", "tokenizer.json"}) {
      campaign(
          "hf " + name,
          hf.resolve(name),
          1500,
          MutantFilesTest::text,
          () -> HfFolder.open(hf, "").tokenizer().encode("to"));
    }
  }
}
