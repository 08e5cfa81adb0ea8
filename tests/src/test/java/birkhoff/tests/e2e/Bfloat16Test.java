package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.ffi.OneDnn;
import birkhoff.tests.support.Numeric;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with {@code dtype=bfloat16}. */
class Bfloat16Test {
  private static final int VOCABULARY = 37;
  private static final int STEPS = 60;

  @TempDir Path folder;

  @BeforeEach
  void needsOneDnn() {
    OneDnn.config(EngineConfig.defaults());
  }

  private static RunConfig config(String type, String dtype, double dropout) {
    return new RunConfigBuilder()
        .build()
        .with(Keys.N_LAYER, 2)
        .with(Keys.N_HEAD, 2)
        .with(Keys.N_EMBD, 32)
        .with(Keys.BLOCK_SIZE, 16)
        .with(Keys.BATCH_SIZE, 4)
        .with(Keys.VOCAB_SIZE, VOCABULARY)
        .with(Keys.DROPOUT, dropout)
        .with(Keys.BIAS, true)
        .with(Keys.WARMUP_ITERS, 5)
        .with(Keys.HYPER_CONN_TYPE, type)
        .with(Keys.DTYPE, dtype);
  }

  private static List<float[]> train(RunConfig config, int threads) {
    try (Engine engine = Setup.trainingEngine(config.with(Keys.THREADS, threads))) {
      Gpt gpt = Setup.model(engine, config);
      var step = new TrainingStep(engine, gpt, config, Bfloat16Test::fill);
      float[] losses = new float[STEPS];
      for (int i = 0; i < STEPS; i++) {
        losses[i] = (float) step.run(i).loss();
      }
      var numbers = new ArrayList<float[]>();
      numbers.add(losses);
      for (Parameter p : gpt.parameters().all()) {
        numbers.add(p.tensor().toFloatArray());
        if (p.shadow() != null) {
          assertShadow(p);
        }
      }
      return numbers;
    }
  }

  private static void assertShadow(Parameter p) {
    float[] master = p.tensor().toFloatArray();
    float[] shadow = p.shadow().toFloatArray();
    for (int i = 0; i < master.length; i++) {
      assertThat(shadow[i]).isEqualTo(DType.fromBfloat16(DType.toBfloat16(master[i])));
    }
  }

  /** A sequence that a small model learns in a few steps. */
  private static void fill(long index, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      int at = (int) ((index * 13 + i * 5L + i * i / 7) % VOCABULARY);
      batch.inputs()[i] = at;
      batch.targets()[i] = at * 3 % VOCABULARY;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "go_mhc"})
  void theLossStaysWithinOnePerCentOfFloat32(String type) {
    float[] wide = train(config(type, "float32", 0), 2).getFirst();
    float[] mixed = train(config(type, "bfloat16", 0), 2).getFirst();
    assertThat(wide[STEPS - 1]).isLessThan(0.8f * wide[0]);
    for (int i = 0; i < STEPS; i++) {
      assertThat((double) mixed[i])
          .as("loss of step %d", i)
          .isBetween(0.99 * wide[i], 1.01 * wide[i]);
    }
    assertThat(mixed).isNotEqualTo(wide);
  }

  @Test
  void onlyMatricesThatProductsReadHaveBfloat16Copies() {
    RunConfig config = config("go_mhc", "bfloat16", 0);
    try (Engine engine = Setup.trainingEngine(config)) {
      var copied = new ArrayList<String>();
      for (Parameter p : Setup.model(engine, config).parameters().all()) {
        assertThat(p.tensor().dtype()).as(p.name()).isEqualTo(DType.FLOAT32);
        if (p.shadow() != null) {
          assertThat(p.shadow().dtype()).isEqualTo(DType.BFLOAT16);
          copied.add(p.name().replaceFirst("h\\.\\d", "h.*"));
        }
      }
      assertThat(copied)
          .containsOnly(
              "transformer.wte.weight",
              "transformer.h.*.attn.c_attn.weight",
              "transformer.h.*.attn.c_proj.weight",
              "transformer.h.*.mlp.c_fc.weight",
              "transformer.h.*.mlp.c_proj.weight");
    }
  }

  @ParameterizedTest
  @CsvSource({"none, 0.1", "go_mhc, 0"})
  void theBitsDoNotDependOnTheThreads(String type, double dropout) {
    List<float[]> expected = train(config(type, "bfloat16", dropout), 1);
    for (int threads = 2; threads <= 4; threads++) {
      List<float[]> got = train(config(type, "bfloat16", dropout), threads);
      for (int i = 0; i < expected.size(); i++) {
        Numeric.assertSameBits(threads + " threads, " + i, expected.get(i), got.get(i));
      }
    }
  }

  @Test
  void textsAreSampledWhileTraining() throws IOException {
    Path text = SmallRun.text(folder);
    String[] settings = {"--dataset=" + text, "--dtype=bfloat16", "--eval_interval=2"};
    Path out = folder.resolve("out");
    SmallRun run =
        train(out, settings, "--max_iters=4", "--sample_interval=2", "--sample_tokens=12");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readAllLines(out.resolve("samples.jsonl"))).hasSize(2);
  }

  @Test
  void aResumedRunGivesTheBytesOfAnUninterruptedOne() throws IOException {
    Path text = SmallRun.text(folder);
    String[] settings = {
      "--dataset=" + text,
      "--dtype=bfloat16",
      "--gradient_accumulation_steps=2",
      "--lr_decay_iters=10",
      "--eval_interval=5"
    };
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertThat(train(whole, settings, "--max_iters=10").code()).isZero();
    assertThat(train(parts, settings, "--max_iters=3").code()).isZero();
    SmallRun resumed =
        SmallRun.of(
            "train", "--out_dir=" + parts, "--init_from=resume", "--max_iters=10", "--threads=1");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    for (String file : new String[] {"model.safetensors", "optimizer.safetensors"}) {
      assertThat(Files.readAllBytes(checkpoint(parts).resolve(file)))
          .as(file)
          .isEqualTo(Files.readAllBytes(checkpoint(whole).resolve(file)));
    }
    // The weights are float32: other commands need no bfloat16.
    SmallRun eval =
        SmallRun.of(
            "eval", "--checkpoint=" + checkpoint(whole), "--dataset=" + text, "--eval_iters=1");
    assertThat(eval.code()).as(eval.err()).isZero();
  }

  private static SmallRun train(Path out, String[] settings, String... last) {
    List<String> more = new ArrayList<>(List.of(settings));
    more.addAll(List.of(last));
    return SmallRun.train(out, more.toArray(String[]::new));
  }

  private static Path checkpoint(Path out) {
    return out.resolve("checkpoints").resolve("step-00000010");
  }
}
