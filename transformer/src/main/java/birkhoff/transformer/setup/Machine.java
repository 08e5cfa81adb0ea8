package birkhoff.transformer.setup;

import birkhoff.engine.Engine;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.profile.MachineReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Facts about the machine and the virtual machine, for reports. */
public final class Machine {
  private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  private Machine() {}

  /** The version of this program as the JAR tells it, or {@code development}. */
  public static String version() {
    String version = Machine.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** The processor's name, or its architecture where the system does not tell. */
  public static String processor() {
    return MachineReport.processor();
  }

  /** Name, version and architecture of the system. */
  public static String system() {
    return System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + " "
        + System.getProperty("os.arch");
  }

  /** Version and vendor of the Java that runs. */
  public static String java() {
    return Runtime.version() + " (" + System.getProperty("java.vendor") + ")";
  }

  /** How the system hands out huge pages, or {@code unknown}. */
  public static String hugePages() {
    try {
      String modes = Files.readString(HUGE_PAGES).strip();
      return modes.replaceAll(".*\\[(\\w+)].*", "$1");
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** The kernels of an engine by provider: {@code vector (512 bits): softmax, …}. */
  public static Map<String, String> kernels(Engine engine) {
    Map<String, List<String>> roles = new LinkedHashMap<>();
    for (Role role : Role.values()) {
      String provider = engine.kernels().choices().get(role);
      if (provider != null) {
        roles
            .computeIfAbsent(provider, p -> new ArrayList<>())
            .add(role.name().toLowerCase(Locale.ROOT));
      }
    }
    Map<String, String> kernels = new LinkedHashMap<>();
    roles.forEach((provider, served) -> kernels.put(provider, String.join(", ", served)));
    return kernels;
  }
}
