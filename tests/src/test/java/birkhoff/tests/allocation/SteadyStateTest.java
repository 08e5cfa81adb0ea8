package birkhoff.tests.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ChildJvm;
import birkhoff.transformer.JvmOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What training steps take once everything is compiled, each in a JVM of its own. */
class SteadyStateTest {
  @ParameterizedTest
  @CsvSource({"none, tanh, 0", "none, erf, 0.1", "go_mhc, tanh, 0"})
  void aStepAllocatesNextToNothing(String type, String gelu, String dropout) {
    String result = ChildJvm.run(TinyTraining.class, List.of(), "allocation", type, gelu, dropout);
    assertThat(number(result, "bytes per step")).as(result).isLessThanOrEqualTo(1024);
  }

  /** The launchers have kernels compiled sooner, with less of a profile. */
  @Test
  void neitherAsTheLaunchersStartIt() {
    String result =
        ChildJvm.run(TinyTraining.class, JvmOptions.fixed(), "allocation", "go_mhc", "tanh", "0.1");
    assertThat(number(result, "bytes per step")).as(result).isLessThanOrEqualTo(1024);
  }

  @Test
  void aLongRunDoesNotGrow() {
    String result =
        ChildJvm.run(
            TinyTraining.class,
            // A heap whose pages are soon all in use: growth is that of something else.
            List.of("-XX:+UseSerialGC", "-Xms64m", "-Xmx64m", "-Xmn16m"),
            "growth",
            "go_mhc",
            "tanh",
            "0");
    assertThat(number(result, "heap growth")).as(result).isLessThan(1 << 20);
    assertThat(number(result, "ledger growth")).as(result).isZero();
    // At most 1 %: a leak of some 200 bytes a step is more.
    assertThat(number(result, "steps since")).as(result).isPositive();
    assertThat(number(result, "resident growth"))
        .as(result)
        .isLessThanOrEqualTo(number(result, "resident") / 100);
    Campaign.ran(
        "growth",
        "%,d steps, %,d bytes of %,d resident",
        number(result, "steps since"),
        number(result, "resident growth"),
        number(result, "resident"));
  }

  private static long number(String text, String name) {
    int at = text.lastIndexOf(name + ": ") + name.length() + 2;
    return Long.parseLong(text.substring(at).lines().findFirst().orElseThrow().strip());
  }
}
