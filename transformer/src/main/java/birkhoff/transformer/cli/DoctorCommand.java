package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.io.CacheFolder;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.engine.profile.MachineReport;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.BuiltInCorpus;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.setup.Setup;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells whether and how training would run here. */
@Command(
    name = "doctor",
    description = {
      "Examines Java, kernels, memory and disk. Exits with 1 when training could not run, and says"
          + " what to do."
    })
final class DoctorCommand extends BaseCommand {
  private static final long LITTLE_DISK = 1L << 29;
  private static final long LITTLE_MEMORY = 1L << 29;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  DoctorCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.of(Keys.THREADS, Keys.KERNELS);
  }

  @Override
  ExitCode run() throws IOException {
    ObjectNode report = Json.object();
    report.put("version", Machine.version());
    java(report.putObject("java"));
    var machine = report.putObject("machine");
    machine.put("processor", Machine.processor());
    machine.put("system", Machine.system());
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("vector_bits", FmaPeak.vectorBits());
    machine.put("huge_pages", Machine.hugePages());
    ArrayNode problems = report.putArray("problems");
    ArrayNode notes = report.putArray("notes");
    memory(report.putObject("memory"), problems);
    disk(report.putObject("disk"), notes);
    kernels(report, problems, notes);
    corpus(report, notes);
    report.put("ok", problems.isEmpty());
    if (json) {
      console().json(report);
    } else {
      print(report);
    }
    return problems.isEmpty() ? ExitCode.DONE : ExitCode.FAILURE;
  }

  private static void java(ObjectNode to) {
    to.put("version", Runtime.version().toString());
    to.put("vendor", System.getProperty("java.vendor"));
    to.put("home", System.getProperty("java.home"));
    ArrayNode flags = to.putArray("flags");
    ManagementFactory.getRuntimeMXBean().getInputArguments().forEach(flags::add);
  }

  private static void memory(ObjectNode to, ArrayNode problems) {
    long heap = Runtime.getRuntime().maxMemory();
    long direct = directLimit(heap);
    to.put("heap_limit_bytes", heap);
    to.put("native_limit_bytes", direct);
    to.put(
        "physical_bytes",
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize());
    if (direct < LITTLE_MEMORY) {
      problems.add(
          "native memory is limited to "
              + direct
              + " bytes, too little for a model; start Java with -XX:MaxDirectMemorySize=4g");
    }
  }

  /** The limit of native memory: the flag, or the heap's when the flag is not set. */
  private static long directLimit(long heap) {
    long flag =
        Long.parseLong(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
    return flag == 0 ? heap : flag;
  }

  private static void disk(ObjectNode to, ArrayNode notes) throws IOException {
    Path here = Path.of("").toAbsolutePath();
    long free = Files.getFileStore(here).getUsableSpace();
    to.put("folder", here.toString());
    to.put("free_bytes", free);
    if (free < LITTLE_DISK) {
      notes.add("only " + free + " bytes are free in " + here + "; checkpoints may not fit");
    }
  }

  private void kernels(ObjectNode report, ArrayNode problems, ArrayNode notes) throws IOException {
    var config = settings(new RunConfigBuilder()).build();
    try (Engine engine = Setup.engine(config, true)) {
      report.put("threads", engine.team().size());
      ObjectNode roles = report.putObject("kernels");
      for (Role role : Role.values()) {
        roles.put(
            role.name().toLowerCase(Locale.ROOT),
            engine.kernels().choices().getOrDefault(role, "none"));
      }
      report.put("bfloat16", engine.kernels().choices().containsKey(Role.MIXED_GEMM));
      if (!engine.kernels().choices().containsKey(Role.MIXED_GEMM)) {
        notes.add("dtype=bfloat16 cannot train here: " + Setup.BFLOAT16_REMEDY);
      }
      ObjectNode providers = report.putObject("providers");
      engine
          .kernels()
          .probes()
          .forEach((name, probe) -> {
            ObjectNode provider = providers.putObject(name);
            provider.put("available", probe.available());
            provider.put("detail", probe.detail());
            ArrayNode attempts = provider.putArray("attempts");
            probe.attempts().forEach(attempts::add);
          });
      report.put("fma_peak_gflops", FmaPeak.measure(engine.team()) / 1e9);
      MachineReport limits = MachineReport.kept(CacheFolder.standard(), engine.team().size());
      if (limits == null) {
        report.putNull("limits");
      } else {
        LimitsText.put(report.putObject("limits"), limits);
      }
    } catch (BirkhoffException e) {
      problems.add(e.getMessage());
    }
    String coreType = System.getenv("OPENBLAS_CORETYPE");
    if (coreType == null) {
      report.putNull("openblas_coretype");
    } else {
      report.put("openblas_coretype", coreType);
    }
  }

  private static void corpus(ObjectNode report, ArrayNode notes) throws IOException {
    try {
      report.put("built_in_corpus", BuiltInCorpus.ofRunningJdk().name());
    } catch (DataException e) {
      report.putNull("built_in_corpus");
      notes.add(e.getMessage());
    }
  }

  private void print(ObjectNode report) {
    var out = console().out();
    for (var entry : report.properties()) {
      JsonNode value = entry.getValue();
      if (value.isArray() || entry.getKey().equals("ok")) {
        continue;
      }
      if (entry.getKey().equals("limits")) {
        out.print(
            value.isNull()
                ? String.format("%-22s not measured yet; birkhoff profile does%n", "limits")
                : LimitsText.lines(value));
      } else if (value.isObject()) {
        out.println(entry.getKey());
        for (var inner : value.properties()) {
          print("  " + inner.getKey(), inner.getValue());
        }
      } else {
        print(entry.getKey(), value);
      }
    }
    report.get("notes").forEach(note -> out.println("note: " + note.asText()));
    report.get("problems").forEach(problem -> out.println("problem: " + problem.asText()));
    out.println(
        report.get("ok").asBoolean() ? "training can run here" : "training cannot run here");
  }

  private void print(String name, JsonNode value) {
    var out = console().out();
    if (value.isObject()) {
      out.printf("%-22s %s%n", name, value.path("detail").asText());
      value.path("attempts").forEach(attempt -> out.println("      " + attempt.asText()));
    } else if (value.isArray()) {
      value.forEach(item -> out.printf("%-22s %s%n", name, item.asText()));
    } else if (name.endsWith("_bytes")) {
      out.printf(
          Locale.ROOT, "%-22s %,.1f GB%n", name.replace("_bytes", ""), value.asDouble() / 1e9);
    } else if (value.isNull()) {
      out.printf("%-22s not set%n", name);
    } else if (value.isFloatingPointNumber()) {
      out.printf(Locale.ROOT, "%-22s %.1f%n", name, value.asDouble());
    } else {
      out.printf("%-22s %s%n", name, value.isNumber() ? value.numberValue() : value.asText());
    }
  }
}
