package birkhoff.tests.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Campaigns 7 and 13: the same bits for every number of threads, and for engines side by side. */
class SameBitsTest {
  private static final int STEPS = 30;
  private static final int[] THREADS = {1, 2, 3, 4, 8, 16};

  static Stream<Arguments> runs() {
    var probes = KernelTable.resolve(KernelTable.AUTO, KernelOptions.DEFAULT).probes();
    return Stream.of("none", "go_mhc")
        .flatMap(kind ->
            Stream.of("vector", "openblas")
                .filter(name -> probes.containsKey(name) && probes.get(name).available())
                .flatMap(kernels ->
                    Stream.of(1, 4)
                        .map(accumulation -> Arguments.of(kind, kernels, accumulation))));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void theHashDoesNotDependOnTheThreads(String kind, String kernels, int accumulation) {
    // The long size has more seeds, and more steps with them.
    int seeds = Math.min(5, Campaign.cases(1));
    int steps = STEPS * Math.min(7, Campaign.cases(1));
    for (int s = 0; s < seeds; s++) {
      long seed = Seeds.base() + s;
      String expected = HashedRun.sha256(kind, kernels, 1, accumulation, seed, steps);
      for (int threads : THREADS) {
        assertThat(HashedRun.sha256(kind, kernels, threads, accumulation, seed, steps))
            .as(
                "%s, %s, accumulation %d, %d threads, seed %d",
                kind, kernels, accumulation, threads, seed)
            .isEqualTo(expected);
      }
    }
    Campaign.ran(
        "threads",
        "%s, %s, accumulation %d, %s threads, %d steps, %d seeds",
        kind,
        kernels,
        accumulation,
        Arrays.toString(THREADS),
        steps,
        seeds);
  }

  @Test
  void anotherSeedGivesOtherBits() {
    assertThat(HashedRun.sha256("none", "vector", 2, 1, 1, 3))
        .isNotEqualTo(HashedRun.sha256("none", "vector", 2, 1, 2, 3));
  }

  /** In the middle of steps: the work goes on, and the flag stays for whoever looks at it. */
  @Test
  void interruptionsChangeNoBits() throws Exception {
    String expected = HashedRun.sha256("go_mhc", KernelTable.AUTO, 3, 1, Seeds.base(), STEPS);
    var result =
        new FutureTask<>(() -> {
          String hash = HashedRun.sha256("go_mhc", KernelTable.AUTO, 3, 1, Seeds.base(), STEPS);
          return hash + " " + Thread.currentThread().isInterrupted();
        });
    Thread training = Thread.ofPlatform().start(result);
    int interruptions = 0;
    while (training.isAlive()) {
      training.interrupt();
      interruptions++;
      Thread.sleep(1);
    }
    assertThat(result.get()).isEqualTo(expected + " true");
    Campaign.ran("interruptions", "%d in %d steps", interruptions, STEPS);
  }

  @Test
  void enginesSideBySideGiveTheHashesOfOneAfterTheOther() throws Exception {
    int engines = Campaign.cases(1) > 1 ? 8 : 3;
    List<Callable<String>> runs = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < engines; i++) {
      String kind = i % 2 == 0 ? "go_mhc" : "none";
      long seed = Seeds.base() + i;
      runs.add(() -> HashedRun.sha256(kind, KernelTable.AUTO, 2, 1, seed, STEPS));
      expected.add(HashedRun.sha256(kind, KernelTable.AUTO, 2, 1, seed, STEPS));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(engines)) {
      List<Future<String>> results = threads.invokeAll(runs);
      for (int i = 0; i < engines; i++) {
        assertThat(results.get(i).get()).as("engine %d", i).isEqualTo(expected.get(i));
      }
    }
    Campaign.ran("engines side by side", "%d engines, %d steps", engines, STEPS);
  }
}
