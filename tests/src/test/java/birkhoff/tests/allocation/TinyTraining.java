package birkhoff.tests.allocation;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.TestConfig;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Batch;
import birkhoff.transformer.metrics.ProcessMemory;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.TrainingStep;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Trains a small model in a JVM of its own and prints what that took. */
final class TinyTraining {
  private static final int VOCABULARY = 64;
  private static final int ROUND = 50;
  private static final long ENOUGH = 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final int STEPS = Campaign.cases(10_000);
  private static final int SETTLING = 500;
  private static final int ROUNDS = 3;
  private static final int PERCENT = 100;

  private TinyTraining() {}

  /** What is measured, the residual's kind, GELU's form, the probability of dropout. */
  public static void main(String[] args) {
    boolean growth = args[0].equals("growth");
    RunConfig config =
        TestConfig.of(
            "hyper_conn_type=" + args[1],
            "gelu=" + args[2],
            "dropout=" + args[3],
            "n_layer=" + (growth ? "1" : "2"),
            "n_head=2",
            "n_embd=" + (growth ? "16" : "64"),
            "block_size=" + (growth ? "8" : "64"),
            "batch_size=" + (growth ? "2" : "4"),
            "vocab_size=" + VOCABULARY);
    try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(2))) {
      Gpt gpt = Gpt.create(engine, Setup.gpt(config), 3);
      var step = new TrainingStep(engine, gpt, config, TinyTraining::fill);
      if (growth) {
        growth(engine, step);
      } else {
        allocation(step);
      }
    }
  }

  private static void allocation(TrainingStep step) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long start = System.nanoTime();
    long least = Long.MAX_VALUE;
    long k = 0;
    while (least > ENOUGH * ROUND && System.nanoTime() - start < PATIENCE.toNanos()) {
      long before = threads.getTotalThreadAllocatedBytes();
      for (int i = 0; i < ROUND; i++) {
        step.run(k++);
      }
      least = Math.min(least, threads.getTotalThreadAllocatedBytes() - before);
    }
    System.out.println("steps: " + k);
    System.out.println("bytes per step: " + (least + ROUND - 1) / ROUND);
  }

  private static void growth(Engine engine, TrainingStep step) {
    LongSupplier resident = () -> (long) (ProcessMemory.residentMb() * 1e6);
    // The JIT's own memory comes and goes: it has to be done.
    var jit = ManagementFactory.getCompilationMXBean();
    long start = System.nanoTime();
    long compiled = -1;
    long k = 0;
    while (compiled != jit.getTotalCompilationTime()
        && System.nanoTime() - start < PATIENCE.toNanos()) {
      compiled = jit.getTotalCompilationTime();
      long end = k + SETTLING;
      for (; k < end || System.nanoTime() - start < QUIET.toNanos(); k++) {
        step.run(k);
      }
    }
    long heap = usedHeap();
    long ledger = engine.ledger().total();
    long settled = k;
    long memory = 0;
    long growth = Long.MAX_VALUE;
    // A compilation that comes late takes memory once; a leak does in every round.
    for (int round = 0; round < ROUNDS && growth > memory / PERCENT; round++) {
      memory = resident.getAsLong();
      for (int i = 0; i < STEPS; i++) {
        step.run(k++);
      }
      growth = Math.min(growth, resident.getAsLong() - memory);
    }
    System.out.println("settled after steps: " + settled);
    System.out.println("steps since: " + (k - settled));
    System.out.println("heap growth: " + (usedHeap() - heap));
    System.out.println("ledger growth: " + (engine.ledger().total() - ledger));
    System.out.println("resident: " + memory);
    System.out.println("resident growth: " + growth);
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      runtime.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void fill(long index, Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      long at = index * batch.size() + i;
      batch.inputs()[i] = (int) (at * at * 7 % VOCABULARY);
      batch.targets()[i] = (int) ((at * at + 3 * at) % VOCABULARY);
    }
  }
}
