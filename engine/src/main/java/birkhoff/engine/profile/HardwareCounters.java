package birkhoff.engine.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Counts hardware events of this process, all threads, by {@code perf stat} from the start until
 * {@link #stop}. Where {@code perf} or the counters lack, the result says why and what to do.
 */
public final class HardwareCounters implements AutoCloseable {
  private static final List<String> EVENTS =
      List.of("cycles", "instructions", "cache-references", "cache-misses", "branch-misses");
  private static final long ATTACH_MILLIS = 300;
  private static final long STOP_SECONDS = 5;
  private static final int VALUE = 0;
  private static final int NAME = 2;
  private static final int RUNNING = 4;

  /**
   * A count.
   *
   * @param running per cent of the time that the event really was counted; below 100 the processor
   *     has fewer counters than events, and the value is scaled up
   */
  public record Counter(String event, double value, double running) {}

  /**
   * What was counted.
   *
   * @param problem why nothing was counted, with the remedy; empty when something was
   */
  public record Result(List<Counter> counters, String problem) {
    /** Copies the list. */
    public Result {
      counters = List.copyOf(counters);
    }

    /** The value of an event, or NaN. */
    public double value(String event) {
      return counters.stream()
          .filter(c -> c.event().equals(event))
          .mapToDouble(Counter::value)
          .findFirst()
          .orElse(Double.NaN);
    }
  }

  private final Process process;
  private final String problem;

  private HardwareCounters(Process process, String problem) {
    this.process = process;
    this.problem = problem;
  }

  /** Begins to count this process with the {@code perf} of the search path. */
  public static HardwareCounters start() {
    Optional<Path> perf = onPath("perf", System.getenv().getOrDefault("PATH", ""));
    return perf.isPresent()
        ? start(perf.get(), ProcessHandle.current().pid())
        : new HardwareCounters(
            null,
            "perf is not on the path; install it (Debian: linux-perf, Ubuntu:"
                + " linux-tools-generic)");
  }

  /** Begins to count process {@code pid} with this {@code perf}. */
  public static HardwareCounters start(Path perf, long pid) {
    try {
      Process process = new ProcessBuilder(command(perf, pid)).redirectErrorStream(true).start();
      process.getOutputStream().close();
      // Until it is attached nothing is counted; what refuses at once has said why.
      process.waitFor(ATTACH_MILLIS, TimeUnit.MILLISECONDS);
      return new HardwareCounters(process, "");
    } catch (IOException e) {
      return new HardwareCounters(null, "cannot start " + perf + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new HardwareCounters(null, "interrupted while perf started");
    }
  }

  /** What is run: comma-separated values, counting until it is interrupted. */
  public static List<String> command(Path perf, long pid) {
    return List.of(
        perf.toString(),
        "stat",
        "-x",
        ",",
        "-e",
        String.join(",", EVENTS),
        "-p",
        Long.toString(pid));
  }

  /** Ends the counting. */
  public Result stop() {
    if (process == null) {
      return new Result(List.of(), problem);
    }
    try {
      // perf prints on the interrupt that a terminal would send, and not when it is terminated.
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        return new Result(List.of(), "perf did not end when it was interrupted");
      }
      return parse(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return new Result(List.of(), "cannot read what perf counted: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(List.of(), "interrupted while perf ended");
    } finally {
      close();
    }
  }

  /** Reads {@code perf stat -x ,}: value, unit, event, time, per cent of the time counted, …. */
  static Result parse(String output) {
    List<Counter> counters = new ArrayList<>();
    boolean unsupported = false;
    String first = "";
    for (String line : output.lines().toList()) {
      String[] field = line.split(",", -1);
      if (field.length > RUNNING && field[VALUE].matches("[0-9.]+")) {
        double running = field[RUNNING].isBlank() ? 100 : Double.parseDouble(field[RUNNING]);
        counters.add(
            new Counter(
                field[NAME].replaceAll(":[uk]+$", ""), Double.parseDouble(field[VALUE]), running));
      } else if (line.startsWith("<not ")) {
        unsupported = true;
      } else if (first.isEmpty() && !line.isBlank()) {
        first = line.strip();
      }
    }
    if (!counters.isEmpty()) {
      return new Result(counters, "");
    }
    if (unsupported) {
      return new Result(
          counters,
          "this machine has no hardware counters to offer, as virtual machines often have not; run"
              + " on the bare machine or let the host pass them through");
    }
    return new Result(
        counters,
        "perf counted nothing"
            + (first.isEmpty() ? "" : " (" + first + ")")
            + "; it may need: sysctl kernel.perf_event_paranoid=1");
  }

  static Optional<Path> onPath(String name, String path) {
    for (String folder : path.split(java.io.File.pathSeparator, -1)) {
      if (!folder.isBlank()) {
        Path file = Path.of(folder, name);
        if (Files.isExecutable(file) && Files.isRegularFile(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  /** Ends {@code perf} if it still runs. */
  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
