package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.kernel.Role;
import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands around a trained model, on a very small one. */
class TrainTest {
  private static final String[] STEP_KEYS = {
    "step", "loss", "lr", "grad_norm", "ms", "tokens_per_second", "tokens", "mfu", "rss_mb"
  };

  @TempDir Path folder;
  private Path out;
  private String dataset;

  @BeforeEach
  void write() throws IOException {
    dataset = "--dataset=" + SmallRun.text(folder);
    out = folder.resolve("out");
  }

  @Test
  void aRunLearnsAndLeavesItsFiles() throws IOException {
    SmallRun run =
        SmallRun.train(
            out,
            dataset,
            "--max_iters=60",
            "--eval_interval=20",
            "--log_interval=5",
            "--learning_rate=1e-2",
            "--min_lr=1e-3",
            "--sample_interval=30",
            "--sample_tokens=20");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(names(out))
        .containsExactly(
            ".lock",
            "best.json",
            "checkpoints",
            "config.toml",
            "metrics.csv",
            "metrics.jsonl",
            "report.html",
            "samples.jsonl",
            "streams.jsonl");
    assertThat(names(out.resolve("checkpoints"))).containsExactly("step-00000040", "step-00000060");
    assertThat(names(out.resolve("checkpoints/step-00000060")))
        .containsExactly(
            "config.json",
            "model.safetensors",
            "optimizer.safetensors",
            "state.json",
            "vocabulary.json");

    List<JsonNode> lines = lines(out.resolve("metrics.jsonl"));
    List<JsonNode> evaluations = lines.stream().filter(line -> line.has("val_loss")).toList();
    assertThat(evaluations)
        .extracting(line -> line.get("step").asInt())
        .containsExactly(20, 40, 60);
    assertThat(evaluations.getLast().get("val_loss").asDouble())
        .isLessThan(evaluations.getFirst().get("val_loss").asDouble() - 0.1);
    assertThat(lines.stream().filter(line -> line.has("loss")))
        .extracting(line -> line.get("step").asInt())
        .containsExactly(1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60);
    assertThat(lines(out.resolve("samples.jsonl"))).hasSize(2);
    assertThat(out.resolve("report.html")).content().contains("<svg").contains("after 60 steps");
    assertThat(out.resolve("config.toml")).content().contains("max_iters = 60");
  }

  @Test
  void jsonGivesOneObjectPerLoggedStepAndNothingElse() {
    SmallRun run = SmallRun.train(out, dataset, "--max_iters=6", "--log_interval=2", "--json");
    assertThat(run.code()).isZero();
    assertThat(run.outLines()).hasSize(4);
    for (String line : run.outLines()) {
      assertThat(Json.parse("stdout", line).fieldNames()).toIterable().containsExactly(STEP_KEYS);
    }
    JsonNode last = Json.parse("stdout", run.outLines().getLast());
    assertThat(last.get("step").asInt()).isEqualTo(6);
    assertThat(last.get("tokens").asInt()).isEqualTo(6 * 3 * 8);
    assertThat(last.get("loss").asDouble()).isBetween(1.0, 5.0);
    assertThat(last.get("mfu").asDouble()).isBetween(1e-9, 1.0);
  }

  @Test
  void theSameSeedGivesTheSameRunAndAnotherDoesNot() throws IOException {
    Path again = folder.resolve("again");
    Path other = folder.resolve("other");
    SmallRun.train(out, dataset, "--max_iters=3");
    SmallRun.train(again, dataset, "--max_iters=3", "--threads=3");
    SmallRun.train(other, dataset, "--max_iters=3", "--seed=1");
    String model = "checkpoints/step-00000003/model.safetensors";
    byte[] bytes = Files.readAllBytes(out.resolve(model));
    assertThat(Files.readAllBytes(again.resolve(model))).isEqualTo(bytes);
    assertThat(Files.readAllBytes(other.resolve(model))).isNotEqualTo(bytes);
  }

  @Test
  void anEarlierRunIsPutAside() throws IOException {
    SmallRun.train(out, dataset, "--max_iters=2");
    SmallRun second = SmallRun.train(out, dataset, "--max_iters=4");
    assertThat(second.err()).contains("moved the earlier run to " + out.resolve("previous"));
    assertThat(names(out.resolve("previous/checkpoints"))).containsExactly("step-00000002");
    assertThat(names(out.resolve("checkpoints"))).containsExactly("step-00000004");
  }

  @Test
  void divergenceEndsWithCode3AndKeepsTheLastGoodCheckpoint() throws IOException {
    SmallRun run =
        SmallRun.train(
            out,
            dataset,
            "--hyper_conn_type=none",
            "--max_iters=50",
            "--eval_interval=1",
            "--learning_rate=1e6",
            "--decay_lr=false",
            "--grad_clip=0");
    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(run.err()).contains("diverged in step").contains("; the last checkpoint is ");
    List<String> kept = names(out.resolve("checkpoints"));
    assertThat(kept).isNotEmpty();
    Path last = out.resolve("checkpoints").resolve(kept.getLast()).resolve("model.safetensors");
    try (var reader = SafeTensorsReader.open(last)) {
      assertThat(reader.tensors()).isNotEmpty();
    }
  }

  @Test
  void evaluationsAgreeHoweverTheDataAreGiven() throws IOException {
    Path prepared = folder.resolve("prepared");
    String text = dataset.substring("--dataset=".length());
    assertThat(SmallRun.of("prepare", "--input=" + text, "--out=" + prepared).code()).isZero();
    SmallRun.train(out, "--dataset=" + prepared, "--max_iters=3");
    String checkpoint = "--checkpoint=" + out;
    JsonNode byText = json("eval", checkpoint, dataset, "--json");
    JsonNode byFolder = json("eval", checkpoint, "--dataset=" + prepared, "--json");
    JsonNode byTokens =
        json("eval", checkpoint, "--tokens=" + prepared.resolve("val.bin"), "--json");
    JsonNode byDefault = json("eval", checkpoint, "--json");
    assertThat(byText.fieldNames()).toIterable().containsExactly("loss", "tokens", "bits_per_byte");
    assertThat(byFolder).isEqualTo(byText);
    assertThat(byTokens).isEqualTo(byText);
    assertThat(byDefault).isEqualTo(byText);
    double nats = byText.get("loss").asDouble();
    assertThat(byText.get("bits_per_byte").asDouble()).isCloseTo(nats / Math.log(2), within(1e-9));
    JsonNode some =
        json(
            "eval",
            checkpoint,
            "--sampling=sequential",
            "--eval_iters=2",
            "--batch_size=5",
            "--block_size=4",
            "--json");
    assertThat(some.get("tokens").asInt()).isEqualTo(2 * 5 * 4);
    assertThat(SmallRun.of("eval", checkpoint, "--block_size=9").code()).isEqualTo(2);
  }

  @Test
  void aDryRunSaysWhatARunNeedsAndWritesNothing() throws IOException {
    String[] run = {"train", "--out_dir=" + out, dataset, "--n_layer=1", "--n_embd=16"};
    String[] small = {"--n_head=2", "--block_size=8", "--batch_size=4", "--eval_interval=40"};
    String[] all = with(with(run, small), "--max_iters=100", "--dry_run");
    JsonNode needs = json(with(all, "--json"));
    assertThat(out).doesNotExist();
    assertThat(needs.get("steps").asInt()).isEqualTo(100);
    assertThat(needs.get("evaluations").asInt()).isEqualTo(3);
    assertThat(needs.get("tokens_per_step").asInt()).isEqualTo(32);
    double ms = needs.get("ms_per_step").asDouble();
    assertThat(needs.get("seconds").asDouble())
        .isCloseTo(ms * (100 + 3 * 2 * 20 / 3.0) / 1e3, Offset.offset(1e-9));
    // Four numbers a parameter, float32: itself, its gradient and two moments.
    assertThat(needs.get("tensor_bytes").asLong())
        .isGreaterThan(16 * needs.get("parameters").asLong());
    SmallRun text = SmallRun.of(all);
    assertThat(text.code()).as(text.err()).isZero();
    assertThat(text.out()).contains("dry run", "100 steps and 3 evaluations");
    SmallRun.train(out, dataset, "--max_iters=3");
    JsonNode rest =
        json(
            "train",
            "--out_dir=" + out,
            "--init_from=resume",
            "--max_iters=9",
            "--dry_run",
            "--json");
    assertThat(rest.get("steps").asInt()).isEqualTo(6);
  }

  @Test
  void bytePairsServeTrainingSamplingAndResuming() throws IOException {
    String text = dataset.substring("--dataset=".length());
    Path prepared = folder.resolve("prepared");
    SmallRun made =
        SmallRun.of("prepare", "--input=" + text, "--out=" + prepared, "--tokenizer=bpe:270");
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.err()).contains("a vocabulary of 270 (bpe:270)");
    assertThat(prepared.resolve("tokenizer.json")).isRegularFile();
    SmallRun.train(out, "--dataset=" + prepared, "--max_iters=3");
    JsonNode sample = json("sample", "--checkpoint=" + out, "--max_new_tokens=9", "--json");
    assertThat(sample.get("tokens")).hasSize(9);
    SmallRun resumed =
        SmallRun.of("train", "--out_dir=" + out, "--init_from=resume", "--max_iters=5");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(SmallRun.of("info", out.toString()).out()).contains("bpe:270");
    // The same tokenizer from its file, for the text itself.
    Path other = folder.resolve("other");
    String file = "--tokenizer=" + prepared.resolve("tokenizer.json");
    SmallRun.train(other, dataset, file, "--max_iters=3");
    assertThat(
            json("eval", "--checkpoint=" + other, dataset, "--json")
                .get("bits_per_byte")
                .asDouble())
        .isPositive();
    SmallRun missing = SmallRun.of("train", "--tokenizer=nowhere.json", dataset);
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("nowhere.json");
  }

  @Test
  void samplesDependOnTheSeedOnly() throws IOException {
    SmallRun.train(out, dataset, "--max_iters=3");
    String[] base = {"sample", "--checkpoint=" + out, "--max_new_tokens=25", "--prompt=to be"};
    JsonNode one = json(with(base, "--json", "--seed=5"));
    assertThat(one.fieldNames())
        .toIterable()
        .containsExactly(
            "text", "tokens", "prefill_ms", "decode_tokens_per_second", "seed", "stopped");
    assertThat(one.get("tokens")).hasSize(25);
    assertThat(one.get("text").asText()).startsWith("to be").hasSize(30);
    assertThat(json(with(base, "--json", "--seed=5")).get("text")).isEqualTo(one.get("text"));
    assertThat(json(with(base, "--json", "--seed=6")).get("text")).isNotEqualTo(one.get("text"));
    JsonNode greedy = json(with(base, "--json", "--seed=5", "--temperature=0"));
    JsonNode topOne = json(with(base, "--json", "--seed=9", "--top_k=1"));
    assertThat(topOne.get("tokens")).isEqualTo(greedy.get("tokens"));
    SmallRun streamed = SmallRun.of(with(base, "--stream", "--seed=5"));
    assertThat(streamed.out()).isEqualTo(one.get("text").asText() + System.lineSeparator());
    SmallRun plain = SmallRun.of(with(base, "--seed=5"));
    assertThat(plain.out()).isEqualTo(streamed.out());

    SmallRun unknown = SmallRun.of("sample", "--checkpoint=" + out, "--prompt=Zé");
    assertThat(unknown.code()).isEqualTo(4);
    assertThat(unknown.err()).contains("'Z'").contains("position 0");
    assertThat(SmallRun.of(with(base, "--temperature=-1")).code()).isEqualTo(2);
    assertThat(SmallRun.of(with(base, "--top_p=0")).code()).isEqualTo(2);
    assertThat(SmallRun.of(with(base, "--top_k=x")).code()).isEqualTo(2);
  }

  @Test
  void infoAndExportShowWhatTheCheckpointHolds() throws IOException {
    SmallRun.train(out, dataset, "--max_iters=2");
    JsonNode info = json("info", out.toString(), "--json");
    assertThat(info.get("step").asInt()).isEqualTo(2);
    assertThat(info.get("config").get("n_embd").asInt()).isEqualTo(16);
    assertThat(SmallRun.of("info", out.toString()).out()).contains("transformer.wte.weight");

    Path file = folder.resolve("model.safetensors");
    assertThat(SmallRun.of("export", "--checkpoint=" + out, "--out=" + file).code()).isZero();
    Path original = out.resolve("checkpoints/step-00000002/model.safetensors");
    try (var exported = SafeTensorsReader.open(file);
        var saved = SafeTensorsReader.open(original)) {
      assertThat(exported.tensors()).hasSameSizeAs(info.get("tensors"));
      long parameters = 0;
      for (var tensor : saved.tensors()) {
        parameters += tensor.elements();
        assertThat(exported.data(exported.tensor(tensor.name())).mismatch(saved.data(tensor)))
            .isEqualTo(-1);
      }
      assertThat(info.get("parameters").asLong()).isEqualTo(parameters);
      assertThat(Json.parse("metadata", exported.metadata().get("config")).get("n_layer").asInt())
          .isEqualTo(2);
    }
  }

  @Test
  void damagedCheckpointsAreRefused() throws IOException {
    SmallRun.train(out, dataset, "--max_iters=2");
    Path checkpoint = out.resolve("checkpoints/step-00000002");
    Path vocabulary = checkpoint.resolve("vocabulary.json");
    String good = Files.readString(vocabulary);
    Files.writeString(vocabulary, "{\"type\": \"byte\"}");
    assertThat(SmallRun.of("eval", "--checkpoint=" + out).err())
        .contains("not the one that the model was trained with");
    Files.writeString(vocabulary, good);
    Path model = checkpoint.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(model);
    Files.write(model, Arrays.copyOf(bytes, bytes.length - 4));
    SmallRun truncated = SmallRun.of("sample", "--checkpoint=" + checkpoint);
    assertThat(truncated.code()).isEqualTo(4);
    assertThat(truncated.err()).contains("truncated").hasLineCount(1);
    Files.delete(checkpoint.resolve("state.json"));
    SmallRun missing = SmallRun.of("info", checkpoint.toString());
    assertThat(missing.code()).isEqualTo(4);
    assertThat(missing.err()).contains("state.json does not exist");
  }

  @Test
  void doctorAndBenchGiveOneObject() {
    JsonNode doctor = json("doctor", "--json");
    assertThat(doctor.get("ok").asBoolean()).isTrue();
    assertThat(doctor.get("kernels")).hasSize(Role.values().length);
    assertThat(SmallRun.of("doctor").out()).contains("training can run here");
    JsonNode bench =
        json(
            "bench",
            "--n_layer=1",
            "--n_embd=16",
            "--n_head=2",
            "--block_size=8",
            "--batch_size=2",
            "--steps=4",
            "--warmup=1",
            "--json");
    double min = bench.get("ms_min").asDouble();
    double p25 = bench.get("ms_p25").asDouble();
    double median = bench.get("ms_median").asDouble();
    assertThat(min).isPositive().isLessThanOrEqualTo(p25);
    assertThat(p25).isLessThanOrEqualTo(median);
    assertThat(bench.get("tokens_per_second").asDouble())
        .isCloseTo(16 / median * 1e3, within(1e-6));
    for (String key : List.of("gflops", "fraction_of_peak", "heap_bytes_per_step")) {
      assertThat(bench.get(key).asDouble()).as(key).isPositive();
    }
    assertThat(bench.get("first_step_seconds").asDouble()).isPositive();
    assertThat(bench.has("peak_rss_mb")).isTrue();
  }

  @Test
  void samplesAreFilteredAndStopped() throws IOException {
    SmallRun.train(out, dataset, "--max_iters=3");
    String[] base = {"sample", "--checkpoint=" + out, "--max_new_tokens=12", "--prompt=to be"};
    JsonNode greedy = json(with(base, "--json", "--temperature=0"));
    assertThat(json(with(base, "--json", "--min_p=1")).get("tokens"))
        .isEqualTo(greedy.get("tokens"));
    JsonNode fresh = json(with(base, "--json", "--temperature=0", "--repetition_penalty=1e9"));
    assertThat(fresh.get("tokens")).isNotEqualTo(greedy.get("tokens"));

    JsonNode drawn = json(with(base, "--json", "--seed=5"));
    String text = drawn.get("text").asText();
    String stop = text.substring(9, 11);
    int end = text.indexOf(stop, 5);
    String[] stopping = with(base, "--seed=5", "--stop=never there", "--stop=" + stop);
    JsonNode stopped = json(with(stopping, "--json"));
    assertThat(stopped.get("text").asText()).isEqualTo(text.substring(0, end));
    assertThat(stopped.get("stopped").asBoolean()).isTrue();
    assertThat(stopped.get("tokens")).hasSize(end + stop.length() - 5);
    String line = text.substring(0, end) + System.lineSeparator();
    assertThat(SmallRun.of(stopping).out()).isEqualTo(line);
    assertThat(SmallRun.of(with(stopping, "--stream")).out()).isEqualTo(line);

    JsonNode samples = json(with(base, "--json", "--seed=4", "--num_samples=2")).get("samples");
    assertThat(samples).hasSize(2);
    assertThat(samples.get(1).get("seed").asInt()).isEqualTo(5);
    assertThat(samples.get(1).get("text").asText()).isEqualTo(text);
    assertThat(SmallRun.of(with(base, "--seed=4", "--num_samples=2")).out())
        .contains("---------------")
        .endsWith(text + System.lineSeparator());
    for (String bad :
        List.of("--stop=", "--num_samples=0", "--min_p=2", "--repetition_penalty=0")) {
      SmallRun refused = SmallRun.of(with(base, bad));
      assertThat(refused.code()).as(bad).isEqualTo(2);
      assertThat(refused.err()).contains(bad.substring(2, bad.indexOf('=')));
    }
  }

  @Test
  void bfloat16ServesDecoding() throws IOException {
    SmallRun.train(out, dataset, "--max_iters=3");
    String[] base = {"sample", "--checkpoint=" + out, "--max_new_tokens=20", "--json"};
    JsonNode narrow = json(with(base, "--dtype=bfloat16"));
    assertThat(narrow.get("tokens")).hasSize(20);
    JsonNode again = json(with(base, "--dtype=bfloat16"));
    assertThat(again.get("tokens")).isEqualTo(narrow.get("tokens"));
    assertThat(SmallRun.of("bench", "--decode=-1").code()).isEqualTo(2);
    String[] model = {
      "--n_layer=1", "--n_embd=16", "--n_head=2", "--block_size=8", "--hyper_conn_type=none"
    };
    // Matrices of 65·16 and 12·16² numbers; three norms and one position of 16.
    long matrices = 65 * 16 + 12 * 16 * 16;
    for (String dtype : List.of("float32", "bfloat16")) {
      String[] more = {"bench", "--decode=20", "--warmup=3", "--dtype=" + dtype, "--json"};
      JsonNode bench = json(with(more, model));
      double median = bench.get("ms_median").asDouble();
      long bytes = bench.get("weight_bytes_per_token").asLong();
      assertThat(bench.get("tokens_per_second").asDouble()).isCloseTo(1e3 / median, within(1e-6));
      assertThat(bytes).isEqualTo(matrices * (dtype.equals("float32") ? 4 : 2) + 4 * 16 * 4);
      double limit = bench.get("memory_gb_per_second_best").asDouble();
      assertThat(bench.get("memory_gb_per_second").asDouble())
          .isPositive()
          .isLessThanOrEqualTo(limit);
      assertThat(bench.get("fraction_of_memory_bandwidth").asDouble()).isPositive();
      assertThat(bench.get("fraction_of_memory_bandwidth_best").asDouble())
          .isCloseTo(bytes / bench.get("ms_min").asDouble() / 1e6 / limit, within(1e-9));
      assertThat(bench.get("native_bytes_grown").asLong()).isZero();
    }
  }

  private static Offset<Double> within(double value) {
    return Offset.offset(value);
  }

  private static JsonNode json(String... args) {
    SmallRun run = SmallRun.of(args);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.outLines()).hasSize(1);
    return Json.parse("stdout", run.out());
  }

  private static String[] with(String[] base, String... more) {
    return Stream.concat(Stream.of(base), Stream.of(more)).toArray(String[]::new);
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .<JsonNode>map(line -> Json.parse(file.toString(), line))
        .toList();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
