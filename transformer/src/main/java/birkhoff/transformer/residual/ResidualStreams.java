package birkhoff.transformer.residual;

import birkhoff.engine.nn.Parameters;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/** The residual kinds by their configuration name: the one place to register another. */
public final class ResidualStreams {
  /** Makes a residual stream and creates its parameters. */
  @FunctionalInterface
  private interface Factory {
    /**
     * @param sublayers parameter name prefixes, one per sublayer, in order
     */
    ResidualStream create(
        Parameters parameters, ResidualConfig config, int width, List<String> sublayers);
  }

  private static final Map<String, Factory> KINDS =
      Map.of(
          "none",
          (parameters, config, width, sublayers) -> new PlainResidual(),
          "go_mhc",
          streams(c -> new GoMhc(c.streams(), c.blockSize(), c.initEps())));

  private static Factory streams(Function<ResidualConfig, Mixer> mixer) {
    return (parameters, config, width, sublayers) ->
        new HyperConnections(parameters, config.streams(), mixer.apply(config), width, sublayers);
  }

  private ResidualStreams() {}

  /** Known names, sorted. */
  public static List<String> types() {
    return List.copyOf(new TreeSet<>(KINDS.keySet()));
  }

  /**
   * The stream of a configuration.
   *
   * @throws IllegalArgumentException for an unknown type, naming the known ones
   */
  public static ResidualStream create(
      Parameters parameters, ResidualConfig config, int width, List<String> sublayers) {
    Factory factory = KINDS.get(config.type());
    if (factory == null) {
      throw new IllegalArgumentException(
          "hyper_conn_type = " + config.type() + " is unknown; known are " + types());
    }
    return factory.create(parameters, config, width, sublayers);
  }
}
