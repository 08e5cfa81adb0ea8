package birkhoff.transformer;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The options of the JVM that trains; the shell launcher passes the same. */
public final class JvmOptions {
  /** Names the environment variable whose words are added to the options. */
  public static final String USER_VARIABLE = "BIRKHOFF_JAVA_OPTS";

  private JvmOptions() {}

  /**
   * The options that never vary: the two that the engine needs, the collector with the smallest
   * footprint (nearly nothing is allocated while training) and a small young generation, thresholds
   * that bring kernels to the second compiler after few calls but not in the middle of a loop, no
   * file in the temporary folder, UTF-8 on every stream.
   */
  public static List<String> fixed() {
    return Collections.unmodifiableList(
        Arrays.asList(
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmn16m",
            "-XX:Tier3DelayOn=100",
            "-XX:Tier3MinInvocationThreshold=5",
            "-XX:Tier4MinInvocationThreshold=20",
            "-XX:Tier4BackEdgeThreshold=4000000",
            "-XX:-UsePerfData",
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8"));
  }

  /**
   * The limit of native memory: three quarters of what the machine or container has. The JVM's own
   * default is the heap's maximum, which holds none of the tensors.
   */
  public static String maxDirectMemory() {
    return "-XX:MaxDirectMemorySize=" + Math.max(256, megabytesOfMemory() / 4 * 3) + "m";
  }

  /** The user's own options, separated by blanks; they come last and win. */
  public static List<String> ofUser(Map<String, String> env) {
    List<String> words = new ArrayList<>();
    String value = env.get(USER_VARIABLE);
    if (value != null) {
      for (String word : value.trim().split("\\s+", -1)) {
        if (!word.isEmpty()) {
          words.add(word);
        }
      }
    }
    return words;
  }

  private static long megabytesOfMemory() {
    Object bean = ManagementFactory.getOperatingSystemMXBean();
    if (bean instanceof com.sun.management.OperatingSystemMXBean) {
      long bytes = ((com.sun.management.OperatingSystemMXBean) bean).getTotalPhysicalMemorySize();
      if (bytes > 0) {
        return bytes >> 20;
      }
    }
    // The JVM gives its heap a quarter of the memory it sees.
    return Runtime.getRuntime().maxMemory() >> 18;
  }
}
