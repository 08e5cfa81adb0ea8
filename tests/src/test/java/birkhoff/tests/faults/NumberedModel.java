package birkhoff.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.optim.Optimizer;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.checkpoint.CheckpointStore;
import birkhoff.transformer.checkpoint.TrainProgress;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.tokenizer.CharTokenizer;
import birkhoff.transformer.train.Optimizers;
import java.io.IOException;
import java.nio.file.Path;

/** A small model whose every number tells the step, and its checkpoints. */
public final class NumberedModel implements AutoCloseable {
  private static final CharTokenizer TOKENIZER = CharTokenizer.of("abc\n");
  private static final RunConfig CONFIG =
      TestConfig.of(
          "n_layer=1",
          "n_head=1",
          "n_embd=4",
          "block_size=4",
          "vocab_size=4",
          "hyper_conn_type=none");

  private final Engine engine = Engine.create(EngineConfig.defaults().withThreads(1));
  private final Gpt gpt = Gpt.create(engine, Setup.gpt(CONFIG), 0);
  private final Optimizer optimizer = Optimizers.of(engine, gpt, CONFIG);

  void fill(long step) {
    for (Parameter p : gpt.parameters().all()) {
      p.tensor().copyFrom(numbers(p.tensor(), step));
    }
    optimizer.state().values().forEach(t -> t.copyFrom(numbers(t, -step)));
    optimizer.setSteps(step);
  }

  private static float[] numbers(Tensor t, long step) {
    float[] numbers = new float[Math.toIntExact(t.count())];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = step + i / 1024f;
    }
    return numbers;
  }

  /** Saves a checkpoint as the trainer does: litter first, then it, the best, and what goes. */
  public void save(Path outDir, long step) throws IOException {
    fill(step);
    var store = new CheckpointStore(outDir);
    store.removeLitter();
    var progress = new TrainProgress(step, 10 * step, 5.0 / step, "sha");
    store.save(CONFIG, TOKENIZER, progress, gpt.parameters(), optimizer);
    store.markBest(step, 5.0 / step);
    store.prune(1, 0);
  }

  /** The step of the newest checkpoint, every number of which must be that of its step. */
  public long newest(Path outDir) throws IOException {
    Checkpoint saved = Checkpoint.open(outDir);
    fill(-1);
    saved.readWeights(gpt.parameters());
    saved.readOptimizer(optimizer);
    long step = saved.progress().step();
    assertThat(saved.progress().tokens()).isEqualTo(10 * step);
    assertThat(saved.tokenizer().hash()).isEqualTo(TOKENIZER.hash());
    for (Parameter p : gpt.parameters().all()) {
      Tensor t = p.tensor();
      Numeric.assertSameBits(p.name(), numbers(t, step), t.toFloatArray());
    }
    optimizer
        .state()
        .forEach((name, t) -> Numeric.assertSameBits(name, numbers(t, -step), t.toFloatArray()));
    return step;
  }

  @Override
  public void close() {
    engine.close();
  }
}
