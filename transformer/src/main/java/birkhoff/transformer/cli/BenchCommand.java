package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.io.CacheFolder;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.engine.profile.MachineReport;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.metrics.ProcessMemory;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.train.TrainingStep;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times the training step. */
@Command(
    name = "bench",
    description = {
      "Times whole training steps (forward, backward, clipping, update) on random tokens.",
      "The share of the peak is model FLOP per second over the multiply-add peak that is measured"
          + " right after the steps with the same threads.",
      "With --decode: times the decoding of tokens one by one instead, with a key-value cache and"
          + " random weights (in bfloat16 with --dtype=bfloat16), beside the speed of reading"
          + " memory, measured in turns with tokens in the same run. --warmup are then tokens, for"
          + " two seconds at least; a full cache is emptied."
    })
final class BenchCommand extends StepCommand {
  private static final int STEPS = 20;
  private static final int WARM_UP = 10;

  @Option(
      names = "--scaling",
      description =
          "Compare one thread with all of them, step by step, beside a multiply-add loop in the"
              + " same seconds.")
  private boolean scaling;

  @Option(
      names = "--decode",
      paramLabel = "INT",
      defaultValue = "0",
      description = "Tokens to decode instead of training steps. Default: none.")
  private int decode;

  BenchCommand(Console console) {
    super(console, STEPS, WARM_UP);
  }

  @Override
  ExitCode run() throws IOException {
    if (decode < 0) {
      throw new UsageException("decode=" + decode + " must be at least 0");
    }
    if (decode == 0) {
      return super.run();
    }
    ObjectNode result = new DecodeBench(configuration(), decode, warmup()).measure();
    if (json()) {
      console().json(result);
    } else {
      DecodeBench.print(console(), result);
    }
    return ExitCode.DONE;
  }

  @Override
  ObjectNode measure(Engine engine, Gpt gpt, TrainingStep step, RunConfig config) {
    if (scaling) {
      return Scaling.measure(engine, config, warmup(), steps());
    }
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long processStart = ManagementFactory.getRuntimeMXBean().getStartTime();
    double firstStepSeconds = 0;
    int steps = steps();
    int warmup = warmup();
    double[] ms = new double[steps];
    long allocated = 0;
    double loss = 0;
    for (int k = 0; k < warmup + steps; k++) {
      if (k == warmup) {
        allocated = threads.getTotalThreadAllocatedBytes();
      }
      long start = System.nanoTime();
      loss = step.run(k).loss();
      double elapsed = (System.nanoTime() - start) / 1e6;
      if (k == 0) {
        firstStepSeconds = (System.currentTimeMillis() - processStart) / 1e3;
      }
      if (k >= warmup) {
        ms[k - warmup] = elapsed;
      }
    }
    allocated = threads.getTotalThreadAllocatedBytes() - allocated;
    double peakMb = ProcessMemory.peakMb();
    double peak = FmaPeak.measure(engine.team()) / 1e9;
    Arrays.sort(ms);
    double median = quantile(ms, 0.5);
    double tokensPerSecond = step.tokens() / (median / 1e3);
    double gflops =
        gpt.config().trainingFlopsPerToken(config.get(Keys.BLOCK_SIZE)) * tokensPerSecond / 1e9;
    ObjectNode result = Json.object();
    result.put("steps", steps);
    result.put("ms_min", ms[0]);
    result.put("ms_p25", quantile(ms, 0.25));
    result.put("ms_median", median);
    result.put("tokens_per_step", step.tokens());
    result.put("tokens_per_second", tokensPerSecond);
    result.put("gflops", gflops);
    result.put("fma_peak_gflops", peak);
    result.put("fraction_of_peak", gflops / peak);
    if (Double.isNaN(peakMb)) {
      result.putNull("peak_rss_mb");
    } else {
      result.put("peak_rss_mb", peakMb);
    }
    result.put("native_peak_mb", engine.ledger().peak() / 1e6);
    result.put("heap_bytes_per_step", allocated / steps);
    result.put("first_step_seconds", firstStepSeconds);
    result.put("parameters", gpt.parameters().count());
    result.put("loss", loss);
    result.put("threads", engine.team().size());
    ObjectNode kernels = result.putObject("kernels");
    Machine.kernels(engine).forEach(kernels::put);
    LimitsText.put(
        result.putObject("limits"), MachineReport.of(CacheFolder.standard(), engine.team(), false));
    result.put("processor", Machine.processor());
    result.set("config", RunConfigText.json(config));
    return result;
  }

  @Override
  void print(ObjectNode r) {
    if (scaling) {
      Scaling.print(console().out(), r);
      return;
    }
    console()
        .out()
        .printf(
            Locale.ROOT,
            "ms per step: min %.2f, p25 %.2f, median %.2f%n"
                + "%,.0f tokens/s, %.1f GFLOP/s, %.1f %% of the %.0f GFLOP/s peak, %d threads%n"
                + "peak memory %,.0f MB resident, %,.0f MB native%n"
                + "%,d bytes of heap per step, first step done after %.2f s%n",
            r.get("ms_min").asDouble(),
            r.get("ms_p25").asDouble(),
            r.get("ms_median").asDouble(),
            r.get("tokens_per_second").asDouble(),
            r.get("gflops").asDouble(),
            100 * r.get("fraction_of_peak").asDouble(),
            r.get("fma_peak_gflops").asDouble(),
            r.get("threads").asInt(),
            r.get("peak_rss_mb").asDouble(),
            r.get("native_peak_mb").asDouble(),
            r.get("heap_bytes_per_step").asLong(),
            r.get("first_step_seconds").asDouble());
    console().out().print(LimitsText.lines(r.get("limits")));
  }
}
