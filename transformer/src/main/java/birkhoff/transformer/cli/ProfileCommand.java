package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.io.CacheFolder;
import birkhoff.engine.profile.ChromeTrace;
import birkhoff.engine.profile.HardwareCounters;
import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.MachineReport;
import birkhoff.engine.profile.OpProfile;
import birkhoff.engine.profile.simd.SimdCheck;
import birkhoff.engine.profile.simd.SimdReport;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.metrics.ProfilePage;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.train.TrainingStep;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says where the time of a training step goes, and how far that is from the machine's limit. */
@Command(
    name = "profile",
    description = {
      "Traces whole training steps (forward, backward, clipping, update) on random tokens,"
          + " operation by operation, and measures what the machine could do.",
      "Writes trace.json (open it in Perfetto or chrome://tracing) and profile.html to --out_dir.",
      "The roofline of an operation is the time that its matrix products need at the multiply-add"
          + " peak or its bytes from main memory, whichever is longer.",
      "The machine's limits are measured once and kept in the cache folder (BIRKHOFF_CACHE, or"
          + " birkhoff in XDG_CACHE_HOME or ~/.cache)."
    })
final class ProfileCommand extends StepCommand {
  private static final String TRACE = "trace.json";
  private static final String PAGE = "profile.html";
  private static final int STEPS = 10;
  private static final int WARM_UP = 20;

  @Option(
      names = "--out_dir",
      paramLabel = "DIR",
      defaultValue = "profile",
      description = "Folder for the trace and the report. Default: ${DEFAULT-VALUE}.")
  private Path outDir;

  @Option(
      names = "--check_simd",
      arity = "0..1",
      paramLabel = "ROLES",
      fallbackValue = SimdText.ALL,
      description =
          "Instead of a step, look at every vector kernel (or those of roles such as"
              + " gemm,attention): heap bytes per call and the time against the scalar kernel."
              + " Exits with 1 and the cause when one is not compiled to vector instructions. Takes"
              + " half a minute.")
  private String checkSimd;

  @Option(
      names = "--assembly",
      paramLabel = "METHOD",
      description =
          "Instead of a step, write the machine code that C2 makes of a method of the vector"
              + " kernels, such as GemmMicroKernel::rows12, to assembly.txt in --out_dir.")
  private String assembly;

  @Option(
      names = "--counters",
      description = "Count cycles, instructions and cache misses of the traced steps with perf.")
  private boolean counters;

  @Option(
      names = "--refresh_limits",
      description = "Measure the machine's limits anew, not as the cache folder keeps them.")
  private boolean refreshLimits;

  ProfileCommand(Console console) {
    super(console, STEPS, WARM_UP);
  }

  @Override
  ExitCode run() throws IOException {
    if (checkSimd != null) {
      SimdReport report = SimdCheck.run(SimdText.roles(checkSimd));
      if (json()) {
        console().json(SimdText.json(report));
      } else {
        SimdText.print(console().out(), report);
      }
      return report.passed() ? ExitCode.DONE : ExitCode.FAILURE;
    }
    if (assembly != null) {
      return AssemblyText.write(console(), assembly, outDir);
    }
    return super.run();
  }

  @Override
  ObjectNode measure(Engine engine, Gpt gpt, TrainingStep step, RunConfig config)
      throws IOException {
    Files.createDirectories(outDir);
    int steps = steps();
    int warmup = warmup();
    // Observed steps are not replayed: so are those in which the JIT compiles what is observed.
    try (var _ = OpProfile.start(engine)) {
      for (int k = 0; k < warmup; k++) {
        step.run(k);
      }
    }
    double[] ms = new double[steps];
    int last = 0;
    OpProfile profile = OpProfile.start(engine);
    HardwareCounters perf = counters ? HardwareCounters.start() : null;
    try (profile) {
      for (int k = 0; k < steps; k++) {
        last = profile.events().size();
        long start = profile.elapsed();
        step.run(warmup + k);
        ms[k] = (profile.elapsed() - start) / 1e6;
      }
    }
    HardwareCounters.Result counted = perf == null ? null : perf.stop();
    double total = Arrays.stream(ms).sum();
    var machine = MachineReport.of(CacheFolder.standard(), engine.team(), refreshLimits);
    MachineLimits limits = machine.all();
    List<OpProfile.Event> events = profile.events();
    ChromeTrace.write(outDir.resolve(TRACE), events);

    Arrays.sort(ms);
    ObjectNode result = Json.object();
    result.put("steps", steps);
    result.put("ms_min", ms[0]);
    double median = quantile(ms, 0.5);
    result.put("ms_median", median);
    result.put("tokens_per_second", step.tokens() / (median / 1e3));
    double flops = profile.totals().stream().mapToLong(OpProfile.Total::flops).sum();
    double rate = flops / steps / (median / 1e3);
    result.put("gflops", rate / 1e9);
    result.put("fraction_of_peak", rate / limits.flopsPerSecond());
    LimitsText.put(result.putObject("limits"), machine);
    if (counted != null) {
      counters(result.putObject("counters"), counted, steps);
    }
    operations(result, profile.totals(), limits, total);
    var warnings = result.putArray("warnings");
    boxing(profile.totals()).forEach(warnings::add);
    result.put("trace", outDir.resolve(TRACE).toString());
    result.put("report", outDir.resolve(PAGE).toString());
    result.put("processor", Machine.processor());
    result.set("config", RunConfigText.json(config));
    ProfilePage.write(
        outDir.resolve(PAGE), result, events.subList(last, events.size()), machine, facts(engine));
    return result;
  }

  private static void counters(ObjectNode to, HardwareCounters.Result counted, int steps) {
    to.put("problem", counted.problem());
    var events = to.putArray("events");
    for (HardwareCounters.Counter c : counted.counters()) {
      events
          .addObject()
          .put("event", c.event())
          .put("per_step", c.value() / steps)
          .put("running_percent", c.running());
    }
    to.put("per_cycle", counted.value("instructions") / counted.value("cycles"));
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
          .put("of_roofline", t.ofRoofline(limits))
          .put("heap_bytes_per_step", (double) t.heapBytes() / steps)
          .put("boxes", t.boxes());
    }
    to.put("outside_ms_per_step", outside / steps);
    to.put("outside_share", outside / totalMs);
  }

  /** One line that names the operations whose kernels box vectors; none when there are none. */
  private List<String> boxing(List<OpProfile.Total> totals) {
    String boxing =
        totals.stream()
            .filter(OpProfile.Total::boxes)
            .map(t ->
                String.format(
                    Locale.ROOT,
                    "%s (%,.1f MB of heap per step)",
                    t.label(),
                    t.heapBytes() / 1e6 / steps()))
            .collect(Collectors.joining(", "));
    return boxing.isEmpty()
        ? List.of()
        : List.of(
            "kernels of these operations box vectors and are slow: "
                + boxing
                + "; C2 has not compiled them yet (more --warmup), or its inlining budget ran out"
                + " in this JVM (run again; --check_simd looks at the kernels alone)");
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
    ProfileTable.print(console().out(), r);
  }
}
