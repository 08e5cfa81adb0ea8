package birkhoff.tests.determinism;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Trains a small model and gives the SHA-256 of its parameters and of the optimizer's state. */
final class HashedRun {
  private static final int VOCABULARY = 61;

  private HashedRun() {}

  static String sha256(
      String kind, String kernels, int threads, int accumulation, long seed, int steps) {
    RunConfig config =
        TestConfig.of(
            "hyper_conn_type=" + kind,
            "gradient_accumulation_steps=" + accumulation,
            "dropout=0.1",
            "n_layer=2",
            "n_head=3",
            "n_embd=36",
            "block_size=24",
            "batch_size=5",
            "warmup_iters=3",
            "vocab_size=" + VOCABULARY,
            "seed=" + seed);
    var engineConfig = EngineConfig.defaults().withThreads(threads).withKernels(kernels);
    try (Engine engine = Engine.create(engineConfig)) {
      Gpt gpt = Setup.model(engine, config);
      var step = new TrainingStep(engine, gpt, config, (index, batch) -> fill(seed, index, batch));
      for (int k = 0; k < steps; k++) {
        step.run(k);
      }
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Parameter p : gpt.parameters().all()) {
        add(digest, p.tensor());
      }
      step.optimizer().state().values().forEach(t -> add(digest, t));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(MessageDigest digest, Tensor tensor) {
    digest.update(tensor.data().asByteBuffer());
  }

  private static void fill(long seed, long index, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      long at = seed + index * batch.size() + i;
      batch.inputs()[i] = (int) Math.floorMod(at * at * 7, (long) VOCABULARY);
      batch.targets()[i] = (int) Math.floorMod(at * at + 3 * at, (long) VOCABULARY);
    }
  }
}
