package birkhoff.tests.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import birkhoff.engine.profile.HardwareCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With programs in perf's place, that print what perf prints. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class HardwareCountersTest {
  @TempDir private Path folder;

  private Path program(String body) throws IOException {
    Path file = folder.resolve("perf");
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }

  /**
   * A shell cannot trap what it was told to ignore when it began, as in the background of another.
   */
  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  private HardwareCounters.Result onInterrupt(String output) throws IOException {
    assumeThat(interruptsAreIgnored()).isFalse();
    Path text = folder.resolve("output");
    Files.writeString(text, output);
    Path perf =
        program("trap 'cat \"" + text + "\" >&2; exit 130' INT\nwhile :; do sleep 0.05; done\n");
    try (var counters = HardwareCounters.start(perf, ProcessHandle.current().pid())) {
      return counters.stop();
    }
  }

  @Test
  void attachesToTheProcess() {
    assertThat(HardwareCounters.command(Path.of("perf"), 42))
        .startsWith("perf", "stat", "-x", ",")
        .endsWith("-p", "42")
        .anyMatch(argument -> argument.startsWith("cycles,instructions,"));
  }

  @Test
  void readsCountsAndWhatWasMultiplexed() throws IOException {
    var result =
        onInterrupt(
            "2000000,,cycles:u,1000,100.00,,\n"
                + "5000000,,instructions,500,50.00,2.50,insn per cycle\n"
                + "<not counted>,,cache-misses,0,0.00,,\n");
    assertThat(result.problem()).isEmpty();
    assertThat(result.value("cycles")).isEqualTo(2e6);
    assertThat(result.value("instructions")).isEqualTo(5e6);
    assertThat(result.counters().getLast().running()).isCloseTo(50, Offset.offset(1e-9));
    assertThat(result.value("cache-misses")).isNaN();
  }

  @Test
  void aMachineWithoutCountersIsNamed() throws IOException {
    var result = onInterrupt("<not supported>,,cycles,0,100.00,,\n");
    assertThat(result.counters()).isEmpty();
    assertThat(result.problem()).contains("no hardware counters", "virtual machines");
  }

  @Test
  void aRefusalIsPassedOnWithTheRemedy() throws IOException {
    Path perf = program("echo 'Error: No permission to enable cycles event.' >&2; exit 255\n");
    try (var counters = HardwareCounters.start(perf, 1)) {
      assertThat(counters.stop().problem())
          .contains("No permission to enable", "kernel.perf_event_paranoid");
    }
  }

  @Test
  void aMissingProgramIsNamed() {
    try (var counters = HardwareCounters.start(folder.resolve("none"), 1)) {
      assertThat(counters.stop().problem()).contains("cannot start", "none");
    }
  }
}
