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

  private static final Map<String, Function<ResidualConfig, Mixer>> MIXERS =
      Map.of(
          "identity", c -> new IdentityMixer(c.streams()),
          "unconstrained", c -> new UnconstrainedMixer(c.streams()),
          "mhc", c -> new Mhc(c.streams(), c.iterations()),
          "mhc_lite", c -> new MhcLite(c.streams()),
          "kromhc",
              c ->
                  KroneckerMixer.of(
                      c, KroneckerMixer.primes(c.streams()), ResidualStreams::permutations),
          "go_mhc", c -> goMhc(c, c.streams(), 1),
          "go_kromhc",
              c -> {
                List<Integer> preferred = KroneckerMixer.halves(c.streams());
                int parts = c.factors().isEmpty() ? preferred.size() : c.factors().size();
                return KroneckerMixer.of(c, preferred, d -> goMhc(c, d, parts));
              });

  private static final Map<String, Factory> OTHERS =
      Map.of(
          "none",
          (parameters, config, width, sublayers) -> new PlainResidual(),
          "hc",
          (parameters, config, width, sublayers) ->
              new HyperConnections(
                  config.streams(),
                  new PerStreamMaps(parameters, config.streams(), width, sublayers),
                  config.meanCollapse()));

  private ResidualStreams() {}

  private static MhcLite permutations(int d) {
    KroneckerMixer.checkPermutations("a factor of hyper_conn_type=kromhc", d);
    return new MhcLite(d);
  }

  /** One of {@code parts} factors, which share the mass off the diagonal. */
  private static GoMhc goMhc(ResidualConfig c, int d, int parts) {
    return new GoMhc(d, c.blockSize(), c.initEps() / parts, c.fullSkew(), c.guard());
  }

  /** Known names, sorted. */
  public static List<String> types() {
    var names = new TreeSet<String>(MIXERS.keySet());
    names.addAll(OTHERS.keySet());
    return List.copyOf(names);
  }

  /**
   * The mixer of a configuration.
   *
   * @throws IllegalArgumentException for a type that has none, naming those that have, and when the
   *     mixer cannot have that many streams, saying why
   */
  public static Mixer mixer(ResidualConfig config) {
    Function<ResidualConfig, Mixer> factory = MIXERS.get(config.type());
    if (factory == null) {
      throw new IllegalArgumentException(
          "hyper_conn_type = "
              + config.type()
              + " has no mixer; those that have are "
              + new TreeSet<>(MIXERS.keySet()));
    }
    if (config.streams() < 1) {
      throw new IllegalArgumentException(
          "hyper_conn_n = " + config.streams() + " must be at least 1");
    }
    return factory.apply(config);
  }

  /**
   * Refuses a configuration that no stream can be made of, without making one.
   *
   * @throws IllegalArgumentException as {@link #create}
   */
  public static void check(ResidualConfig config) {
    if (!types().contains(config.type())) {
      throw new IllegalArgumentException(
          "hyper_conn_type = " + config.type() + " is unknown; known are " + types());
    }
    if (MIXERS.containsKey(config.type())) {
      mixer(config);
    }
  }

  /**
   * The stream of a configuration.
   *
   * @throws IllegalArgumentException for an unknown type, naming the known ones, and as {@link
   *     #mixer}
   */
  public static ResidualStream create(
      Parameters parameters, ResidualConfig config, int width, List<String> sublayers) {
    check(config);
    Factory factory = OTHERS.get(config.type());
    if (factory != null) {
      return factory.create(parameters, config, width, sublayers);
    }
    Mixer mixer = mixer(config);
    return new HyperConnections(
        mixer.streams(),
        new GeneratedMaps(parameters, mixer, width, sublayers),
        config.meanCollapse());
  }
}
