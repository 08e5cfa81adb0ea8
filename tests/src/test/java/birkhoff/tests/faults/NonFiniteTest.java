package birkhoff.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.profile.NonFiniteWatch;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.diagnostics.TensorStatistics;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * NaN and infinities in weights, moments, activations and gradients: the step ends with an
 * exception that names step, tensor and operation, changes nothing, and no checkpoint has one.
 */
class NonFiniteTest {
  private static final int VOCABULARY = 7;
  private static final int BEFORE = 4;

  @TempDir private Path folder;

  private static RunConfig config(String kind, int microBatches) {
    return TestConfig.of(
        "hyper_conn_type=" + kind,
        "gradient_accumulation_steps=" + microBatches,
        "n_layer=1",
        "n_head=2",
        "n_embd=8",
        "block_size=7",
        "batch_size=2",
        "vocab_size=" + VOCABULARY);
  }

  /** Every token occurs, at every place. */
  private static void fill(long index, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      batch.inputs()[i] = (int) ((i + index) % VOCABULARY);
      batch.targets()[i] = (int) ((3L * i + 1) % VOCABULARY);
    }
  }

  @ParameterizedTest
  @CsvSource({"none,1", "go_mhc,1", "hc,2", "mhc,1"})
  void oneBadNumberInAnyWeightStopsTheStep(String kind, int microBatches) {
    RunConfig config = config(kind, microBatches);
    int stopped = 0;
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(2))) {
      Gpt gpt = Gpt.create(engine, Setup.gpt(config), 3);
      var step = new TrainingStep(engine, gpt, config, NonFiniteTest::fill);
      long k = 0;
      for (; k < BEFORE; k++) {
        step.run(k);
      }
      for (Parameter p : gpt.parameters().all()) {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
          float[] good = p.tensor().toFloatArray();
          float[] spoilt = good.clone();
          spoilt[spoilt.length / 2] = bad;
          p.tensor().copyFrom(spoilt);
          Map<String, float[]> before = numbers(gpt);
          long now = k;
          assertThatThrownBy(() -> step.run(now))
              .as("%s in %s", bad, p.name())
              .isInstanceOf(DivergedException.class)
              .hasMessageContainingAll(
                  "diverged in step " + (k + 1),
                  "the first bad tensor is parameter " + p.name() + ";",
                  "the first operation that is not finite: ");
          numbers(gpt).forEach((name, v) -> assertThat(v).as(name).isEqualTo(before.get(name)));
          stopped++;
          p.tensor().copyFrom(good);
          // Training goes on where it was.
          step.run(k++);
        }
      }
    }
    Campaign.ran("bad weights", "%s, %d stopped steps", kind, stopped);
  }

  private static Map<String, float[]> numbers(Gpt gpt) {
    Map<String, float[]> all = new LinkedHashMap<>();
    gpt.parameters().all().forEach(p -> all.put(p.name(), p.tensor().toFloatArray()));
    return all;
  }

  @Test
  void theWatchNamesTheOperationAndTheDirection() {
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(2))) {
      Workspace ws = engine.workspace("test");
      Tensor x = engine.tensor(new float[] {0, 1, 2}, 3);
      try (var watch = NonFiniteWatch.on(engine)) {
        Tape tape = engine.tape(ws);
        tape.watch(x);
        // √0 is finite, its derivative is not.
        Tensor y = tape.ops().sum(tape.ops().scale(tape.ops().sqrt(x), 2));
        assertThat(watch.first()).isEmpty();
        tape.backward(y);
        assertThat(watch.first())
            .hasValue("backward pass of sqrt, gradient of input 0, float32[3]");
      }
      try (var watch = NonFiniteWatch.on(engine)) {
        engine.ops(ws).exp(engine.ops(ws).log(x));
        assertThat(watch.first()).hasValue("log, result float32[3]");
      }
      assertThat(engine.observers().isEmpty()).isTrue();
    }
  }

  /** A moment that is NaN spoils its parameter in the update, when the loss has been worked out. */
  @Test
  void whatAnUpdateSpoilsIsNotSaved() throws IOException {
    Path out = folder.resolve("out");
    SmallRun good = SmallRun.train(out, "--dataset=" + SmallRun.text(folder), "--max_iters=2");
    assertThat(good.code()).as(good.err()).isZero();
    Path moments = out.resolve("checkpoints/step-00000002/optimizer.safetensors");
    byte[] bytes = Files.readAllBytes(moments);
    // The last float, little-endian.
    bytes[bytes.length - 1] = 0x7f;
    bytes[bytes.length - 2] = (byte) 0xc0;
    Files.write(moments, bytes);
    SmallRun run = SmallRun.of("train", "--out_dir=" + out, "--init_from=resume", "--max_iters=3");
    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(run.err())
        .containsPattern("diverged in step 3: (parameter|optimizer state) .* is not finite after")
        .contains("; the last checkpoint is ");
    assertThat(checkpoints(out)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e4", "1e5", "1e6"})
  void theLastCheckpointIsFinite(String learningRate) throws IOException {
    Path out = folder.resolve("out");
    SmallRun run =
        SmallRun.train(
            out,
            "--dataset=" + SmallRun.text(folder),
            "--hyper_conn_type=none",
            "--max_iters=50",
            "--eval_interval=1",
            "--keep_last=50",
            "--learning_rate=" + learningRate,
            "--warmup_iters=0",
            "--decay_lr=false",
            "--grad_clip=0");
    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(run.err())
        .containsPattern("diverged in step \\d+: ")
        .contains("lower learning_rate");
    assertThat(run.err()).doesNotContain("\tat ");
    assertThat(checkpoints(out)).isNotEmpty();
    for (Path checkpoint : checkpoints(out)) {
      for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
        try (var reader = SafeTensorsReader.open(checkpoint.resolve(file))) {
          reader
              .tensors()
              .forEach(t ->
                  assertThat(TensorStatistics.of(reader, t).nonFinite())
                      .as("%s in %s", t.name(), checkpoint)
                      .isZero());
        }
      }
    }
  }

  private static List<Path> checkpoints(Path out) throws IOException {
    Path all = out.resolve("checkpoints");
    if (!Files.isDirectory(all)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(all)) {
      return files.toList();
    }
  }
}
