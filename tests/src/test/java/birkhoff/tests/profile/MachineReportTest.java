package birkhoff.tests.profile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.MachineReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineReportTest {
  @TempDir private Path folder;

  private Path only() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList().getFirst();
    }
  }

  @Test
  void isMeasuredOnceAndKept() throws IOException {
    try (var team = new ThreadTeam(1, new MemoryLedger())) {
      assertThat(MachineReport.kept(folder, 1)).isNull();
      MachineReport measured = MachineReport.of(folder, team, false);
      assertThat(measured.measured()).isTrue();
      MachineLimits limits = measured.all();
      assertThat(limits.peaks()).extracting(MachineLimits.Peak::bits).contains(64, 128);
      assertThat(limits.reads())
          .extracting(MachineLimits.Read::level)
          .containsExactly("L1", "L2", "L3", "memory");
      assertThat(limits.triadBytesPerSecond()).isPositive();
      assertThat(limits.flopsPerSecond()).isPositive();

      MachineReport kept = MachineReport.of(folder, team, false);
      assertThat(kept.measured()).isFalse();
      assertThat(kept.all()).isEqualTo(limits);
      assertThat(kept.one()).isEqualTo(measured.one());
      assertThat(MachineReport.kept(folder, 2)).as("another number of threads").isNull();

      String text = Files.readString(only());
      for (String broken :
          List.of("", text.substring(0, text.length() / 2), text.replace("format 2", "format 0"))) {
        Files.writeString(only(), broken);
        assertThat(MachineReport.kept(folder, 1)).as(broken).isNull();
      }
      Files.writeString(only(), text.replaceAll("(?m)^all.triad=.*", "all.triad=NaN"));
      assertThat(MachineReport.kept(folder, 1)).isNull();
      Files.writeString(only(), text);
      assertThat(MachineReport.of(folder, team, true).measured()).isTrue();
    }
  }
}
