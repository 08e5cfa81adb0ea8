package birkhoff.engine.profile;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * The limits of a machine with one thread and with all of them, kept in a file: they change with
 * the processor, the JDK, the vector width and the number of threads only.
 *
 * @param one with a single thread
 * @param all with the whole team
 * @param measured whether they were measured just now, not read from the file
 */
public record MachineReport(MachineLimits one, MachineLimits all, boolean measured) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String FORMAT = "2";

  /**
   * Reads the limits from {@code folder}, or measures them for some seconds and writes them there.
   * A file that cannot be read or written is no error.
   *
   * @param refresh whether to measure whatever the file says
   */
  public static MachineReport of(Path folder, ThreadTeam team, boolean refresh) {
    String key = key(team.size());
    Path file = folder.resolve(fileName(key));
    if (!refresh) {
      MachineReport kept = read(file, key);
      if (kept != null) {
        return kept;
      }
    }
    MachineLimits all = MachineLimits.measure(team);
    MachineLimits one = all;
    if (team.size() > 1) {
      try (var single = new ThreadTeam(1, new MemoryLedger())) {
        one = MachineLimits.measure(single);
      }
    }
    var report = new MachineReport(one, all, true);
    try {
      Files.createDirectories(folder);
      AtomicFile.writeString(file, report.text(key));
    } catch (IOException e) {
      // Measured again the next time.
      return report;
    }
    return report;
  }

  /** The limits that {@code folder} keeps for this machine, or null. */
  public static MachineReport kept(Path folder, int threads) {
    String key = key(threads);
    return read(folder.resolve(fileName(key)), key);
  }

  /** The processor's name, or its architecture where the system does not tell. */
  public static String processor() {
    try {
      for (String line : Files.readAllLines(CPU_INFO)) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
    return System.getProperty("os.arch");
  }

  private static String key(int threads) {
    return processor()
        + ", JDK "
        + Runtime.version()
        + ", "
        + FmaPeak.vectorBits()
        + " bits, "
        + threads
        + " threads, format "
        + FORMAT;
  }

  private static String fileName(String key) {
    String hash = String.format(Locale.ROOT, "%08x", key.hashCode());
    return "limits-" + hash + ".properties";
  }

  private static MachineReport read(Path file, String key) {
    var properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
      return key.equals(properties.getProperty("key"))
          ? new MachineReport(limits(properties, "one."), limits(properties, "all."), false)
          : null;
    } catch (IOException | RuntimeException e) {
      // Missing, cut short or written by hand: as if it were not there.
      return null;
    }
  }

  private String text(String key) throws IOException {
    var properties = new Properties();
    properties.setProperty("key", key);
    put(properties, "one.", one);
    put(properties, "all.", all);
    var out = new StringWriter();
    properties.store(out, "What this machine can do at best, measured by Birkhoff");
    return out.toString();
  }

  private static void put(Properties to, String prefix, MachineLimits limits) {
    to.setProperty(prefix + "threads", Integer.toString(limits.threads()));
    to.setProperty(prefix + "bits", Integer.toString(limits.vectorBits()));
    to.setProperty(prefix + "triad", Double.toString(limits.triadBytesPerSecond()));
    to.setProperty(prefix + "peaks", Integer.toString(limits.peaks().size()));
    for (int i = 0; i < limits.peaks().size(); i++) {
      MachineLimits.Peak peak = limits.peaks().get(i);
      to.setProperty(prefix + "peak." + i, peak.bits() + " " + peak.flopsPerSecond());
    }
    to.setProperty(prefix + "reads", Integer.toString(limits.reads().size()));
    for (int i = 0; i < limits.reads().size(); i++) {
      MachineLimits.Read read = limits.reads().get(i);
      to.setProperty(
          prefix + "read." + i,
          read.level() + " " + read.bytesPerThread() + " " + read.bytesPerSecond());
    }
  }

  private static MachineLimits limits(Properties from, String prefix) {
    List<MachineLimits.Peak> peaks = new ArrayList<>();
    for (int i = 0; i < number(from, prefix + "peaks"); i++) {
      String[] part = from.getProperty(prefix + "peak." + i).split(" ", -1);
      peaks.add(
          new MachineLimits.Peak(Integer.parseInt(part[0]), positive(Double.parseDouble(part[1]))));
    }
    List<MachineLimits.Read> reads = new ArrayList<>();
    for (int i = 0; i < number(from, prefix + "reads"); i++) {
      String[] part = from.getProperty(prefix + "read." + i).split(" ", -1);
      reads.add(
          new MachineLimits.Read(
              part[0], Long.parseLong(part[1]), positive(Double.parseDouble(part[2]))));
    }
    var limits =
        new MachineLimits(
            number(from, prefix + "threads"),
            number(from, prefix + "bits"),
            peaks,
            reads,
            positive(Double.parseDouble(from.getProperty(prefix + "triad"))));
    positive(limits.flopsPerSecond());
    positive(limits.memoryBytesPerSecond());
    return limits;
  }

  private static int number(Properties from, String name) {
    return Integer.parseInt(from.getProperty(name));
  }

  private static double positive(double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(value + " is no speed");
    }
    return value;
  }
}
