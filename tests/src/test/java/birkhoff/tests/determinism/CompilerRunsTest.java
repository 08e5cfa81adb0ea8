package birkhoff.tests.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ChildJvm;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole runs give the same bits under C1, under C2 and when all of it is warm; with {@code
 * kernels=scalar}, which uses no vectors, also for every vector width.
 */
class CompilerRunsTest {
  private static final int STEPS = 30 * Math.min(7, Campaign.cases(1));
  private static final int SEEDS = Math.min(5, Campaign.cases(1));

  /** In the child: the hashes of equal runs, one after the other. */
  public static void main(String[] arguments) {
    long seed = Long.parseLong(arguments[2]);
    for (int run = 0; run < Integer.parseInt(arguments[1]); run++) {
      System.out.println("sha256 " + HashedRun.sha256("go_mhc", arguments[0], 2, 2, seed, STEPS));
    }
  }

  private static List<String> hashes(String kernels, long seed, int runs, String... options) {
    String output =
        ChildJvm.run(
            CompilerRunsTest.class,
            List.of(options),
            kernels,
            Integer.toString(runs),
            Long.toString(seed));
    List<String> hashes = output.lines().filter(line -> line.startsWith("sha256 ")).toList();
    assertThat(hashes).hasSize(runs);
    return hashes;
  }

  static LongStream seeds() {
    return LongStream.range(Seeds.base(), Seeds.base() + SEEDS);
  }

  static Stream<Arguments> kernelsAndSeeds() {
    return Stream.of("vector", "openblas")
        .flatMap(kernels -> seeds().mapToObj(seed -> Arguments.of(kernels, seed)));
  }

  @ParameterizedTest
  @MethodSource("kernelsAndSeeds")
  void everyCompilerGivesTheSameBits(String kernels, long seed) {
    Map<String, List<String>> runs = new LinkedHashMap<>();
    runs.put("C1", hashes(kernels, seed, 1, "-XX:TieredStopAtLevel=1"));
    runs.put("C2", hashes(kernels, seed, 1, "-XX:-TieredCompilation"));
    // The first of them cold, the last ones warm.
    runs.put("cold to warm", hashes(kernels, seed, 4));
    List<String> all = new ArrayList<>();
    runs.values().forEach(all::addAll);
    assertThat(all).as("%s", runs).containsOnly(all.getFirst());
    Campaign.ran("compilers", "%s, %s, %d steps, seed %d", kernels, runs.keySet(), STEPS, seed);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void withoutVectorsEveryWidthGivesTheSameBits(long seed) {
    List<String> all = new ArrayList<>();
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    int[] widths = Campaign.cases(1) > 1 ? new int[] {64, 128, 256, 512} : new int[] {64, widest};
    for (int bits : widths) {
      if (bits <= widest) {
        all.addAll(hashes("scalar", seed, 1, "-Dbirkhoff.vector.bits=" + bits));
      }
    }
    all.addAll(hashes("scalar", seed, 1, "-XX:UseAVX=1", "-XX:+IgnoreUnrecognizedVMOptions"));
    assertThat(all).hasSizeGreaterThan(2).containsOnly(all.getFirst());
    Campaign.ran("widths", "scalar kernels, %d JVMs, %d steps, seed %d", all.size(), STEPS, seed);
  }
}
