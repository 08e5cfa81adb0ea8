package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.profile.ChromeTrace;
import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.OpProfile;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.metrics.ProfilePage;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.train.TrainingStep;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says where the time of a training step goes, and how far that is from the machine's limit. */
@Command(
    name = "profile",
    description = {
      "Traces whole training steps (forward, backward, clipping, AdamW) on random tokens, operation"
          + " by operation, and measures what the machine could do.",
      "Writes trace.json (open it in Perfetto or chrome://tracing) and profile.html to --out_dir.",
      "The roofline of an operation is the time that its matrix products need at the multiply-add"
          + " peak or its bytes from main memory, whichever is longer."
    })
final class ProfileCommand extends StepCommand {
  private static final String TRACE = "trace.json";
  private static final String PAGE = "profile.html";
  private static final int STEPS = 5;
  private static final int WARM_UP = 20;

  @Option(
      names = "--out_dir",
      paramLabel = "DIR",
      defaultValue = "profile",
      description = "Folder for the trace and the report. Default: ${DEFAULT-VALUE}.")
  private Path outDir;

  ProfileCommand(Console console) {
    super(console, STEPS, WARM_UP);
  }

  @Override
  ObjectNode measure(Engine engine, Gpt gpt, TrainingStep step, RunConfig config)
      throws IOException {
    Files.createDirectories(outDir);
    int steps = steps();
    int warmup = warmup();
    for (int k = 0; k < warmup; k++) {
      step.run(k);
    }
    double[] ms = new double[steps];
    int last = 0;
    OpProfile profile = OpProfile.start(engine);
    try (profile) {
      for (int k = 0; k < steps; k++) {
        last = profile.events().size();
        long start = profile.elapsed();
        step.run(warmup + k);
        ms[k] = (profile.elapsed() - start) / 1e6;
      }
    }
    double total = Arrays.stream(ms).sum();
    MachineLimits limits = MachineLimits.measure(engine.team());
    List<OpProfile.Event> events = profile.events();
    ChromeTrace.write(outDir.resolve(TRACE), events);

    Arrays.sort(ms);
    ObjectNode result = Json.object();
    result.put("steps", steps);
    result.put("ms_min", ms[0]);
    result.put("ms_median", quantile(ms, 0.5));
    result.put("tokens_per_second", step.tokens() * steps / (total / 1e3));
    double flops = profile.totals().stream().mapToLong(OpProfile.Total::flops).sum();
    result.put("gflops", flops / (total / 1e3) / 1e9);
    result.put("fraction_of_peak", flops / (total / 1e3) / limits.flopsPerSecond());
    limits(result.putObject("limits"), limits);
    operations(result, profile.totals(), limits, total);
    result.put("trace", outDir.resolve(TRACE).toString());
    result.put("report", outDir.resolve(PAGE).toString());
    result.put("processor", Machine.processor());
    result.set("config", RunConfigText.json(config));
    ProfilePage.write(
        outDir.resolve(PAGE), result, events.subList(last, events.size()), limits, facts(engine));
    return result;
  }

  private static void limits(ObjectNode to, MachineLimits limits) {
    to.put("threads", limits.threads());
    to.put("vector_bits", limits.vectorBits());
    to.put("fma_gflops", limits.flopsPerSecond() / 1e9);
    var reads = to.putArray("read");
    for (MachineLimits.Read read : limits.reads()) {
      reads
          .addObject()
          .put("bytes_per_thread", read.bytesPerThread())
          .put("gb_per_second", read.bytesPerSecond() / 1e9);
    }
  }

  private void operations(
      ObjectNode to, List<OpProfile.Total> totals, MachineLimits limits, double totalMs) {
    var list = to.putArray("operations");
    double outside = totalMs;
    int steps = steps();
    for (OpProfile.Total t : totals) {
      outside -= t.nanos() / 1e6;
      list.addObject()
          .put("name", t.label())
          .put("calls_per_step", (double) t.calls() / steps)
          .put("ms_per_step", t.nanos() / 1e6 / steps)
          .put("share", t.nanos() / 1e6 / totalMs)
          .put("gflop_per_step", t.flops() / 1e9 / steps)
          .put("mb_per_step", t.bytes() / 1e6 / steps)
          .put("gflops", t.flopsPerSecond() / 1e9)
          .put("gb_per_second", t.bytesPerSecond() / 1e9)
          .put("of_roofline", t.ofRoofline(limits));
    }
    to.put("outside_ms_per_step", outside / steps);
  }

  private static Map<String, String> facts(Engine engine) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("processor", Machine.processor());
    facts.put("system", Machine.system());
    facts.put("Java", Machine.java());
    Machine.kernels(engine).forEach((provider, roles) -> facts.put(roles, provider));
    return facts;
  }

  @Override
  void print(ObjectNode r) {
    var out = console().out();
    out.printf(
        Locale.ROOT,
        "%-32s %7s %9s %6s %9s %8s %9s%n",
        "operation",
        "calls",
        "ms/step",
        "share",
        "GFLOP/s",
        "GB/s",
        "roofline");
    for (JsonNode o : r.get("operations")) {
      out.printf(
          Locale.ROOT,
          "%-32s %7.1f %9.3f %5.1f%% %9s %8.1f %8.0f%%%n",
          o.get("name").asText(),
          o.get("calls_per_step").asDouble(),
          o.get("ms_per_step").asDouble(),
          100 * o.get("share").asDouble(),
          o.get("gflop_per_step").asDouble() > 0
              ? String.format(Locale.ROOT, "%.1f", o.get("gflops").asDouble())
              : "",
          o.get("gb_per_second").asDouble(),
          100 * o.get("of_roofline").asDouble());
    }
    double outside = r.get("outside_ms_per_step").asDouble();
    out.printf(Locale.ROOT, "%-32s %7s %9.3f%n", "outside: tape, batch, scheduling", "", outside);
    out.printf(
        Locale.ROOT,
        "%nms per step: min %.2f, median %.2f; %,.0f tokens/s, %.1f GFLOP/s, %.1f %% of the peak%n",
        r.get("ms_min").asDouble(),
        r.get("ms_median").asDouble(),
        r.get("tokens_per_second").asDouble(),
        r.get("gflops").asDouble(),
        100 * r.get("fraction_of_peak").asDouble());
    JsonNode limits = r.get("limits");
    out.printf(
        Locale.ROOT,
        "limits with %d threads: %.0f GFLOP/s; reading",
        limits.get("threads").asInt(),
        limits.get("fma_gflops").asDouble());
    for (JsonNode read : limits.get("read")) {
      out.printf(
          Locale.ROOT,
          " %,d KiB %.0f GB/s",
          read.get("bytes_per_thread").asLong() >> 10,
          read.get("gb_per_second").asDouble());
    }
    out.printf("%ntrace: %s%nreport: %s%n", r.get("trace").asText(), r.get("report").asText());
  }
}
