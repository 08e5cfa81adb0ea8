package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.Preset;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.residual.ResidualStreams;
import birkhoff.transformer.setup.Setup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is to be compared.
 *
 * @param kinds residual kinds, in the order of tables
 * @param streams numbers of streams d
 * @param seeds of each kind
 * @param base everything else, the same for all runs
 * @param folder of the experiment
 */
public record ResidualsSettings(
    List<String> kinds, List<Integer> streams, List<Long> seeds, RunConfig base, Path folder) {
  private static final int MOST_STREAMS = 32;

  /** Keys that the experiment decides for each run, or that would leave a run unfinished. */
  private static final Set<Key<?>> OWN =
      Set.of(
          Keys.OUT_DIR,
          Keys.INIT_FROM,
          Keys.EVAL_ONLY,
          Keys.ALWAYS_SAVE_CHECKPOINT,
          Keys.HYPER_CONN_TYPE,
          Keys.HYPER_CONN_N,
          Keys.SEED);

  /**
   * Checks the lists.
   *
   * @throws UsageException when a list is empty, names something twice or something impossible
   */
  public ResidualsSettings {
    kinds = distinct("kinds", kinds);
    streams = distinct("d", streams);
    seeds = distinct("seeds", seeds);
    if (base.get(Keys.MAX_ITERS) < 1) {
      throw new UsageException("max_iters=0 trains nothing; at least 1 step is needed");
    }
    for (String kind : kinds) {
      if (!ResidualStreams.types().contains(kind)) {
        throw new UsageException(
            "kinds="
                + kind
                + " is unknown; take some of "
                + String.join(",", ResidualStreams.types()));
      }
    }
    for (int d : streams) {
      if (d < 2 || d > MOST_STREAMS) {
        throw new UsageException(
            "d="
                + d
                + " is outside 2 … "
                + MOST_STREAMS
                + ": one stream has nothing to mix (kind none is that)");
      }
    }
  }

  private static <T> List<T> distinct(String name, List<T> values) {
    if (values.isEmpty()) {
      throw new UsageException(name + " is empty; leave it out for the default, see --help");
    }
    if (new HashSet<>(values).size() < values.size()) {
      throw new UsageException(name + " names a value twice");
    }
    return List.copyOf(values);
  }

  /** Whether the experiment itself decides about a key. */
  public static boolean isOwn(Key<?> key) {
    return OWN.contains(key);
  }

  /** nanoGPT's run for a CPU; what the user sets overrides it. */
  public static RunConfigBuilder defaults() {
    return new RunConfigBuilder()
        .preset(Preset.BABY)
        .set(Keys.EVAL_INTERVAL.name(), "250", "experiment")
        .set(Keys.EVAL_ITERS.name(), "200", "experiment")
        .set(Keys.LOG_INTERVAL.name(), "1", "experiment")
        .set(Keys.KEEP_LAST.name(), "1", "experiment")
        .set(Keys.SAMPLE_INTERVAL.name(), "0", "experiment")
        .set(Keys.HYPER_CONN_COLLAPSE.name(), "mean", "experiment");
  }

  /**
   * The runs, all kinds of a seed together: a machine that slows down slows all of them, and an
   * unfinished experiment compares the seeds that it has.
   *
   * @throws UsageException when no run is possible
   */
  public List<ResidualsCase> plan() {
    Map<String, String> impossible = impossible();
    List<ResidualsCase> plan = new ArrayList<>();
    for (long seed : seeds) {
      for (String kind : kinds) {
        if (kind.equals(ResidualsCase.PLAIN)) {
          plan.add(new ResidualsCase(kind, 1, seed));
          continue;
        }
        for (int d : streams) {
          if (!impossible.containsKey(name(kind, d))) {
            plan.add(new ResidualsCase(kind, d, seed));
          }
        }
      }
    }
    if (plan.isEmpty()) {
      throw new UsageException("nothing can be trained: " + impossible.values().iterator().next());
    }
    return plan;
  }

  /** Why some kinds are left out for some numbers of streams, by {@code kind d=…}. */
  public Map<String, String> impossible() {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (String kind : kinds) {
      for (int d : streams) {
        if (!kind.equals(ResidualsCase.PLAIN)) {
          try {
            Setup.residual(new ResidualsCase(kind, d, 0).config(base, folder));
          } catch (UsageException e) {
            reasons.put(name(kind, d), e.getMessage());
          }
        }
      }
    }
    return reasons;
  }

  private static String name(String kind, int d) {
    return kind + " d=" + d;
  }
}
