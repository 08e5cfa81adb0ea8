package birkhoff.transformer.experiment.synthetic;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.transformer.error.UsageException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** All runs of the stream-mixing task, several at a time. */
public final class SyntheticExperiment {
  /** d of the paper's claim of ten times fewer epochs. */
  static final int COMPARED = 4;

  private SyntheticExperiment() {}

  /**
   * The curves that the settings ask for, by method, block size, convention and d.
   *
   * @throws UsageException when there are none
   */
  public static List<SyntheticCase> plan(SyntheticSettings settings) {
    List<SyntheticCase> cases = new ArrayList<>();
    for (String method : settings.methods()) {
      for (int d : settings.streams()) {
        cases.addAll(SyntheticMethod.of(method).cases(settings, d));
      }
    }
    if (cases.isEmpty()) {
      throw new UsageException(
          "methods="
              + String.join(",", settings.methods())
              + " cannot run with d="
              + settings.streams()
              + ": mhc_lite needs d below 7, kromhc a power of one of factors="
              + settings.factors()
              + ", go_kromhc a product; take another d");
    }
    if (settings.streams().contains(COMPARED)) {
      List<SyntheticCase> compared =
          cases.stream().filter(SyntheticExperiment::isCompared).toList();
      for (int k = 1; k < settings.repeats(); k++) {
        for (SyntheticCase c : compared) {
          cases.add(c.withSeed(settings.seed() + k));
        }
      }
    }
    return cases;
  }

  /** Whether a case belongs to the comparison of speeds that is repeated with other seeds. */
  static boolean isCompared(SyntheticCase c) {
    if (c.streams() != COMPARED) {
      return false;
    }
    return switch (SyntheticMethod.of(c.method())) {
      case GO_MHC -> c.blockSize() == 2;
      case MHC_LITE, KROMHC -> true;
      case MHC, GO_KROMHC -> false;
    };
  }

  /**
   * Runs the cases. The results do not depend on the threads.
   *
   * @param threads runs that go on at the same time
   * @param stop asked now and then; when true, nothing is returned
   * @param done told of each result as it comes, in any order, by the calling thread
   * @return the curves in the order of the cases
   */
  public static Optional<List<SyntheticCurve>> run(
      SyntheticSettings settings,
      List<SyntheticCase> cases,
      int threads,
      BooleanSupplier stop,
      Consumer<SyntheticCurve> done) {
    Map<SyntheticCase, SyntheticCurve> curves = new HashMap<>();
    // Without it the other runs would go on for minutes before a failure is told.
    var over = new AtomicBoolean();
    BooleanSupplier end = () -> over.get() || stop.getAsBoolean();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      var results = new ExecutorCompletionService<Optional<SyntheticCurve>>(pool);
      cases.stream()
          .sorted(Comparator.comparingDouble(SyntheticCase::cost).reversed())
          .forEach(c -> results.submit(() -> SyntheticRun.of(settings, c, end)));
      try {
        for (int k = 0; k < cases.size(); k++) {
          Optional<SyntheticCurve> curve = results.take().get();
          if (curve.isEmpty()) {
            return Optional.empty();
          }
          curves.put(curve.get().which(), curve.get());
          done.accept(curve.get());
        }
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException known -> throw known;
          case Error known -> throw known;
          default -> throw new BirkhoffException("a run of the experiment failed", e.getCause());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      } finally {
        over.set(true);
        pool.shutdownNow();
      }
    }
    return Optional.of(cases.stream().map(curves::get).toList());
  }
}
