package birkhoff.transformer.config;

import birkhoff.transformer.error.UsageException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Collects settings; later calls override earlier ones. The command line calls in the order preset,
 * file, options.
 */
public final class RunConfigBuilder {
  private final Map<Key<?>, RunConfig.Setting> explicit = new LinkedHashMap<>();

  /** Nothing set: every key has its default. */
  public RunConfigBuilder() {}

  /** Takes over those values of another configuration whose keys are wanted. */
  public RunConfigBuilder base(RunConfig base, Predicate<Key<?>> wanted, String origin) {
    for (Key<?> key : Keys.all().values()) {
      if (wanted.test(key)) {
        explicit.put(key, new RunConfig.Setting(base.get(key), origin));
      }
    }
    return this;
  }

  /** Applies a preset. */
  public RunConfigBuilder preset(Preset preset) {
    preset.settings().forEach((name, value) -> set(name, value, "preset " + preset.id()));
    return this;
  }

  /**
   * Applies a TOML file of flat {@code key = value} lines.
   *
   * @throws UsageException when it is missing, malformed, or names an unknown key
   */
  public RunConfigBuilder file(Path file) throws IOException {
    JsonNode tree;
    try {
      tree = new TomlMapper().readTree(Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new UsageException("configuration file " + file + " does not exist");
    } catch (CharacterCodingException e) {
      throw new UsageException("configuration file " + file + " is not valid UTF-8");
    } catch (JsonProcessingException e) {
      var place = e.getLocation();
      throw new UsageException(
          file
              + ": line "
              + place.getLineNr()
              + ": not TOML: "
              + firstLine(e.getOriginalMessage()));
    }
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      setNode(entry.getKey(), entry.getValue(), file.toString());
    }
    return this;
  }

  /** Sets one key from a JSON or TOML value, whose type must be that of the key. */
  public RunConfigBuilder setNode(String name, JsonNode value, String origin) {
    Key<?> key = find(name, origin);
    boolean text = key.kind() instanceof Kind.Text || key.kind() instanceof Kind.Choice;
    if (value.isContainerNode()) {
      throw new UsageException(
          origin + ": '" + name + "' is a table or array; keys are flat: key = value");
    }
    if (value.isTextual() != text) {
      throw new UsageException(
          origin + ": " + name + "=" + value + (text ? " must be" : " must not be") + " in quotes");
    }
    return set(name, value.asText(), origin);
  }

  /**
   * Sets one key from text.
   *
   * @param origin named in messages: a preset, a file or "option"
   * @throws UsageException for an unknown key or a bad value
   */
  public RunConfigBuilder set(String name, String value, String origin) {
    Key<?> key = find(name, origin);
    try {
      explicit.put(key, new RunConfig.Setting(key.parse(value), origin));
    } catch (IllegalArgumentException e) {
      throw new UsageException(origin + ": " + name + "=" + value + ": " + e.getMessage());
    }
    return this;
  }

  /** Whether something set the key. */
  public boolean isSet(Key<?> key) {
    return explicit.containsKey(key);
  }

  /**
   * The configuration.
   *
   * @throws UsageException when the values do not fit together
   */
  public RunConfig build() {
    return RunConfig.of(explicit);
  }

  private static Key<?> find(String name, String origin) {
    Key<?> key = Keys.all().get(name.replace('-', '_'));
    if (key == null) {
      throw new UsageException(
          origin
              + ": unknown key '"
              + name
              + "'; did you mean '"
              + NearestName.of(name.replace('-', '_'), Keys.all().keySet()).orElseThrow()
              + "'?");
    }
    return key;
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
