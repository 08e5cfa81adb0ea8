package birkhoff.tests.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.tests.support.Signals;
import birkhoff.transformer.ChildProcess;
import birkhoff.transformer.JvmOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(OS.WINDOWS)
class ChildProcessTest {
  private static final String SAVES_ON_SIGNAL =
      "trap 'sleep 0.3; echo saved >&2; exit 130' TERM INT;"
          + " echo ready; while :; do sleep 0.05; done";

  @Test
  void outputErrorsAndExitCodeComeThrough() throws Exception {
    Run run =
        Run.of(
            Map.of(),
            parent(
                "echo out; echo 'WARNING: Using incubator modules: x' >&2; echo err >&2; exit 7"));
    assertThat(run).isEqualTo(new Run(7, "out\n", "err\n"));
  }

  @Test
  void standardInputReachesTheChild() throws Exception {
    Process process = Run.start(Map.of(), parent("read line; echo \"got $line\""));
    try (var in = process.outputWriter()) {
      in.write("text\n");
    }
    assertThat(Run.finish(process).out()).isEqualTo("got text\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void aSignalLetsTheChildSaveAndKeepsItsExitCode(String signal) throws Exception {
    assumeTrue(Signals.delivered(signal), signal + " reaches children of this process");
    Process process = Run.start(Map.of(), parent(SAVES_ON_SIGNAL));
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    Run.of(Map.of(), List.of("sh", "-c", "kill -" + signal + " " + process.pid()));
    Run run = Run.finish(process);
    assertThat(run.err()).isEqualTo("saved\n");
    assertThat(run.code()).isEqualTo(130);
  }

  @Test
  void theUsersOptionsAreSplitAtBlanks() {
    assertThat(JvmOptions.ofUser(Map.of())).isEmpty();
    assertThat(JvmOptions.ofUser(Map.of(JvmOptions.USER_VARIABLE, "  -Xmx256m\t-ea ")))
        .containsExactly("-Xmx256m", "-ea");
  }

  @Test
  void nativeMemoryIsLimitedByTheMachine() {
    assertThat(JvmOptions.maxDirectMemory()).matches("-XX:MaxDirectMemorySize=[1-9]\\d{2,}m");
  }

  /** A JVM that stands for a shell. */
  private static List<String> parent(String script) {
    var command =
        new ArrayList<>(
            Run.java("-cp", System.getProperty("java.class.path"), Parent.class.getName()));
    command.addAll(List.of("sh", "-c", script));
    return command;
  }

  /** The program of the parent. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] command) throws Exception {
      System.exit(new ChildProcess(List.of(command)).run());
    }
  }
}
