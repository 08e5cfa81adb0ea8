package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import java.nio.file.Path;

/**
 * One run of the experiment.
 *
 * @param kind a {@code hyper_conn_type}
 * @param streams d; 1 for a plain residual
 * @param seed of everything random
 */
public record ResidualsCase(String kind, int streams, long seed) {
  /** The plain residual. */
  public static final String PLAIN = "none";

  /** The control: streams that are read and written, but not mixed. */
  public static final String CONTROL = "identity";

  /** Whether there are streams to mix. */
  public boolean hasMixers() {
    return !kind.equals(PLAIN);
  }

  /** The run's folder inside that of the experiment. */
  public String folder() {
    return kind + "-d" + streams + "-seed" + seed;
  }

  /** For people. */
  public String label() {
    return kind + (hasMixers() ? " d=" + streams : "") + " seed " + seed;
  }

  /** The configuration of the run. */
  RunConfig config(RunConfig base, Path experiment) {
    return base.with(Keys.OUT_DIR, experiment.resolve(folder()).toString())
        .with(Keys.HYPER_CONN_TYPE, kind)
        .with(Keys.HYPER_CONN_N, streams)
        .with(Keys.SEED, seed);
  }
}
