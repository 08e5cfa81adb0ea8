package birkhoff.tests.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.engine.io.SafeTensorsWriter;
import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.exchange.HfFixture;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.exchange.GgufEntry;
import birkhoff.transformer.exchange.GgufReader;
import birkhoff.transformer.exchange.HfFolder;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.tokenizer.Tokenizers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Campaign 11: spoilt files of every kind that is read end in success or in an error that names
 * what is wrong, with little memory and time.
 */
class MutantFilesTest {
  @TempDir private Path folder;

  private static void touch(MemorySegment data) {
    for (long i = 0; i < data.byteSize(); i++) {
      data.get(ValueLayout.JAVA_BYTE, i);
    }
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
    MutantCampaign.refusing(
        "safetensors",
        file,
        8000,
        Mutants::safetensors,
        () -> {
          try (var reader = SafeTensorsReader.open(file)) {
            for (SafeTensorsEntry entry : reader.tensors()) {
              touch(reader.data(entry));
            }
          }
        });
  }

  @Test
  void gguf() throws IOException {
    GgufPieces good = GgufPieces.sample();
    Path file = Files.write(folder.resolve("a.gguf"), good.file());
    MutantCampaign.refusing(
        "GGUF",
        file,
        4000,
        (bytes, random) ->
            random.nextInt(3) == 0 ? Mutants.bytes(bytes, random) : good.spoilt(random),
        () -> {
          try (var reader = GgufReader.open(file)) {
            for (GgufEntry entry : reader.tensors()) {
              touch(reader.data(entry));
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
      MutantCampaign.refusing(
          name,
          checkpoint.resolve(name),
          2000,
          Mutants::text,
          () -> {
            Checkpoint.open(checkpoint);
            Checkpoint.open(checkpoint).provenance();
          });
    }
    MutantCampaign.refusing(
        "best.json",
        run.resolve("best.json"),
        500,
        Mutants::text,
        () -> Checkpoint.open(run.resolve("best")));
  }

  @Test
  void configurationFiles() throws IOException {
    Path file = folder.resolve("run.toml");
    Files.writeString(
        file,
        "# a run\nn_layer = 2\nlearning_rate = 1e-3\nbias = true\ndataset = \"a \\\"text\\\"\"\n"
            + "hyper_conn_type = 'none'\nseed = -5\n");
    MutantCampaign.refusing(
        "TOML", file, 2000, Mutants::text, () -> new RunConfigBuilder().file(file).build());
  }

  @Test
  void tokenizers() throws IOException {
    Path out = folder.resolve("data");
    Path text = SmallRun.text(folder);
    SmallRun prepared =
        SmallRun.of("prepare", "--input=" + text, "--out=" + out, "--tokenizer=bpe:270");
    assertThat(prepared.code()).as(prepared.err()).isZero();
    Path file = out.resolve("tokenizer.json");
    MutantCampaign.refusing(
        "tokenizer.json",
        file,
        2000,
        Mutants::text,
        () -> Tokenizers.ofName(file.toString()).encode("to be or not"));
  }

  @Test
  void preparedFolders() throws IOException {
    Path out = folder.resolve("data");
    Path text = SmallRun.text(folder);
    assertThat(SmallRun.of("prepare", "--input=" + text, "--out=" + out).code()).isZero();
    MutantCampaign.Reader reader =
        () -> {
          try (Corpus corpus = Corpus.open(out.toString(), "char")) {
            int[] all = new int[64];
            for (long at = 0; at + all.length <= corpus.val().size(); at += all.length) {
              corpus.val().copy(at, all, 0, all.length);
            }
          }
        };
    MutantCampaign.refusing("meta.json", out.resolve("meta.json"), 1500, Mutants::text, reader);
    MutantCampaign.refusing("val.bin", out.resolve("val.bin"), 1000, Mutants::bytes, reader);
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
      MutantCampaign.refusing(
          "hf " + name,
          hf.resolve(name),
          1500,
          Mutants::text,
          () -> HfFolder.open(hf, "").tokenizer().encode("to"));
    }
  }

  @Test
  void huggingFaceShards() throws IOException {
    Path hf = new HfFixture(folder.resolve("hf"), 3).tokenizerFiles().sharded().folder();
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(1))) {
      Gpt gpt = Setup.model(engine, HfFolder.open(hf, "").config());
      MutantCampaign.refusing(
          "hf index",
          hf.resolve("model.safetensors.index.json"),
          1000,
          Mutants::text,
          () -> HfFolder.open(hf, "").readWeights(gpt.parameters()));
    }
    for (String name : new String[] {"vocab.json", "merges.txt"}) {
      MutantCampaign.refusing(
          "hf " + name,
          hf.resolve(name),
          1000,
          Mutants::text,
          () -> HfFolder.open(hf, "").tokenizer().encode("the thing"));
    }
  }
}
