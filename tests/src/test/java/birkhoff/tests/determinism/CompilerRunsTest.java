package birkhoff.tests.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole runs give the same bits under C1, under C2 and when all of it is warm; with {@code
 * kernels=scalar}, which uses no vectors, also for every vector width.
 */
class CompilerRunsTest {
  private static final int STEPS = Campaign.cases(1);

  /** In the child: the hash of a first run and of a later one. */
  public static void main(String[] arguments) {
    for (int run = 0; run < Integer.parseInt(arguments[1]); run++) {
      System.out.println(
          "sha256 "
              + HashedRun.sha256(
                  "go_mhc", arguments[0], 2, 2, Seeds.base(), Integer.parseInt(arguments[2])));
    }
  }

  private static List<String> hashes(String kernels, int runs, String... options) {
    String output =
        ChildJvm.run(
            CompilerRunsTest.class,
            List.of(options),
            kernels,
            Integer.toString(runs),
            Integer.toString(STEPS));
    List<String> hashes = output.lines().filter(line -> line.startsWith("sha256 ")).toList();
    assertThat(hashes).hasSize(runs);
    return hashes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "openblas"})
  void everyCompilerGivesTheSameBits(String kernels) {
    Map<String, List<String>> runs = new LinkedHashMap<>();
    runs.put("C1", hashes(kernels, 1, "-XX:TieredStopAtLevel=1"));
    runs.put("C2", hashes(kernels, 1, "-XX:-TieredCompilation"));
    // The first of them cold, the last ones warm.
    runs.put("cold to warm", hashes(kernels, 10));
    List<String> all = new ArrayList<>();
    runs.values().forEach(all::addAll);
    assertThat(all).as("%s", runs).containsOnly(all.getFirst());
    Campaign.ran("compilers", "%s, %s, %d steps", kernels, runs.keySet(), STEPS);
  }

  @Test
  void withoutVectorsEveryWidthGivesTheSameBits() {
    List<String> all = new ArrayList<>();
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    int[] widths = Campaign.cases(1) > 1 ? new int[] {64, 128, 256, 512} : new int[] {64, widest};
    for (int bits : widths) {
      if (bits <= widest) {
        all.addAll(hashes("scalar", 1, "-Dbirkhoff.vector.bits=" + bits));
      }
    }
    all.addAll(hashes("scalar", 1, "-XX:UseAVX=1", "-XX:+IgnoreUnrecognizedVMOptions"));
    assertThat(all).hasSizeGreaterThan(2).containsOnly(all.getFirst());
    Campaign.ran("widths", "scalar kernels, %d JVMs, %d steps", all.size(), STEPS);
  }
}
