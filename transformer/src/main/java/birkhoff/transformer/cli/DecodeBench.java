package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.profile.MemoryProbe;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.metrics.ProcessMemory;
import birkhoff.transformer.model.Decoder;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.sample.SamplingOptions;
import birkhoff.transformer.sample.TokenChooser;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.setup.Setup;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/**
 * Times decoding at batch 1: one token after the other through the model and its key-value cache,
 * the likeliest one taken, with random weights. A full cache is emptied and the text begins again.
 *
 * @param tokens timed ones
 * @param warmup tokens before them, and as many more as two seconds take
 */
record DecodeBench(RunConfig config, int tokens, int warmup) {
  /** A token of a small model is too short for the JIT. */
  private static final long WARM_UP_NANOS = 2_000_000_000;

  /** Tokens that are timed once more, each right after a reading of memory. */
  private static final int PAIRS = 40;

  private static final int PROBE_WARM_UP = 5;

  ObjectNode measure() {
    try (Engine engine = Setup.engine(config)) {
      Gpt gpt =
          Gpt.forInference(engine, Setup.gpt(config), Setup.dtype(config), config.get(Keys.SEED));
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      var decoder = new Greedy(engine, gpt);
      long begin = System.nanoTime();
      for (int i = 0; i < warmup || System.nanoTime() - begin < WARM_UP_NANOS; i++) {
        decoder.next();
      }
      double[] ms = new double[tokens];
      long allocated = threads.getTotalThreadAllocatedBytes();
      long nativeBytes = engine.ledger().total();
      for (int i = 0; i < tokens; i++) {
        ms[i] = decoder.next();
      }
      allocated = threads.getTotalThreadAllocatedBytes() - allocated;
      nativeBytes = engine.ledger().total() - nativeBytes;
      double peakMb = ProcessMemory.peakMb();
      long bytes = gpt.bytesPerToken();
      double[] limits = new double[Math.min(tokens, PAIRS)];
      double[] fractions = new double[limits.length];
      try (var probe = new MemoryProbe(engine.team(), bytes)) {
        for (int i = 0; i < PROBE_WARM_UP; i++) {
          probe.bytesPerSecond();
        }
        for (int i = 0; i < limits.length; i++) {
          limits[i] = probe.bytesPerSecond();
          fractions[i] = bytes / (decoder.next() / 1e3) / limits[i];
        }
      }
      Arrays.sort(ms);
      Arrays.sort(limits);
      Arrays.sort(fractions);
      double median = StepCommand.quantile(ms, 0.5);
      double best = limits[limits.length - 1];
      ObjectNode result = Json.object();
      result.put("decoded", tokens);
      result.put("ms_min", ms[0]);
      result.put("ms_p25", StepCommand.quantile(ms, 0.25));
      result.put("ms_median", median);
      result.put("tokens_per_second", 1e3 / median);
      result.put("weight_bytes_per_token", bytes);
      result.put("weights_gb_per_second", bytes / median / 1e6);
      result.put("weights_gb_per_second_best", bytes / ms[0] / 1e6);
      result.put("memory_gb_per_second", StepCommand.quantile(limits, 0.5) / 1e9);
      result.put("memory_gb_per_second_best", best / 1e9);
      result.put("fraction_of_memory_bandwidth", StepCommand.quantile(fractions, 0.5));
      result.put("fraction_of_memory_bandwidth_best", bytes / (ms[0] / 1e3) / best);
      if (Double.isNaN(peakMb)) {
        result.putNull("peak_rss_mb");
      } else {
        result.put("peak_rss_mb", peakMb);
      }
      result.put("heap_bytes_per_token", allocated / tokens);
      result.put("native_bytes_grown", nativeBytes);
      result.put("parameters", gpt.parameters().count());
      result.put("threads", engine.team().size());
      ObjectNode kernels = result.putObject("kernels");
      Machine.kernels(engine).forEach(kernels::put);
      result.put("processor", Machine.processor());
      result.set("config", RunConfigText.json(config));
      return result;
    }
  }

  /** Greedy decoding without an end. */
  private static final class Greedy {
    private final Decoder decoder;
    private final TokenChooser chooser;
    private int token;

    Greedy(Engine engine, Gpt gpt) {
      this.decoder = new Decoder(engine, gpt);
      this.chooser = new TokenChooser(SamplingOptions.of(0, 0), gpt.config().vocabSize());
    }

    /** Decodes one token; milliseconds. */
    double next() {
      long start = System.nanoTime();
      if (decoder.length() == decoder.capacity()) {
        decoder.clear();
      }
      token = chooser.choose(decoder.next(token), 0);
      return (System.nanoTime() - start) / 1e6;
    }
  }

  static void print(Console console, ObjectNode r) {
    console
        .out()
        .printf(
            Locale.ROOT,
            "ms per token: min %.2f, p25 %.2f, median %.2f%n"
                + "%.1f tokens/s, %.1f MB of weights per token, %.1f GB/s, %d threads%n"
                + "reading memory in turns with tokens: median %.1f, best %.1f GB/s; a token's"
                + " share %.1f %%, best to best %.1f %%%n"
                + "peak memory %,.0f MB resident, %,d bytes of heap per token%n",
            r.get("ms_min").asDouble(),
            r.get("ms_p25").asDouble(),
            r.get("ms_median").asDouble(),
            r.get("tokens_per_second").asDouble(),
            r.get("weight_bytes_per_token").asLong() / 1e6,
            r.get("weights_gb_per_second").asDouble(),
            r.get("threads").asInt(),
            r.get("memory_gb_per_second").asDouble(),
            r.get("memory_gb_per_second_best").asDouble(),
            100 * r.get("fraction_of_memory_bandwidth").asDouble(),
            100 * r.get("fraction_of_memory_bandwidth_best").asDouble(),
            r.get("peak_rss_mb").asDouble(),
            r.get("heap_bytes_per_token").asLong());
  }
}
