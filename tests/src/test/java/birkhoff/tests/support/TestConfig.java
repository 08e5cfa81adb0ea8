package birkhoff.tests.support;

import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;

/** Configurations of small runs. */
public final class TestConfig {
  private TestConfig() {}

  /**
   * The defaults with some keys set.
   *
   * @param settings such as {@code n_layer=2}
   */
  public static RunConfig of(String... settings) {
    var builder = new RunConfigBuilder();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      builder.set(setting.substring(0, equals), setting.substring(equals + 1), "test");
    }
    return builder.build();
  }
}
