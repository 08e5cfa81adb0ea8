package birkhoff.transformer.config;

import birkhoff.transformer.json.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;

/** Configurations as TOML, JSON and a printed table. */
public final class RunConfigText {
  private RunConfigText() {}

  /** TOML that {@code --config} reads back to the same values. */
  public static String toml(RunConfig config) {
    var text = new StringBuilder();
    for (Key.Group group : Key.Group.values()) {
      text.append(text.isEmpty() ? "# " : "\n# ").append(group.title()).append('\n');
      for (Key<?> key : Keys.all().values()) {
        if (key.group() == group) {
          text.append(key.name()).append(" = ").append(tomlValue(config.get(key))).append('\n');
        }
      }
    }
    return text.toString();
  }

  /** One flat JSON object with every key. */
  public static ObjectNode json(RunConfig config) {
    ObjectNode object = Json.object();
    config
        .values()
        .forEach((name, value) -> {
          switch (value) {
            case Integer i -> object.put(name, i);
            case Long l -> object.put(name, l);
            case Double d -> object.put(name, d);
            case Boolean b -> object.put(name, b);
            default -> object.put(name, value.toString());
          }
        });
    return object;
  }

  /** Reads what {@link #json} wrote; missing keys have their defaults. */
  public static RunConfig fromJson(String origin, ObjectNode object) {
    var builder = new RunConfigBuilder();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      builder.setNode(entry.getKey(), entry.getValue(), origin);
    }
    return builder.build();
  }

  /** Every value, one line per group, for people. */
  public static String summary(RunConfig config) {
    var text = new StringBuilder();
    for (Key.Group group : Key.Group.values()) {
      String separator = String.format(Locale.ROOT, "%-17s", group.title());
      for (Key<?> key : Keys.all().values()) {
        if (key.group() == group) {
          text.append(separator).append(key.name()).append('=').append(shown(config.get(key)));
          separator = " ";
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String shown(Object value) {
    return value instanceof String s && (s.isBlank() || s.contains(" "))
        ? tomlValue(s)
        : "" + value;
  }

  private static String tomlValue(Object value) {
    if (!(value instanceof String s)) {
      return value.toString();
    }
    var quoted = new StringBuilder("\"");
    s.codePoints()
        .forEach(c -> {
          switch (c) {
            case '"' -> quoted.append("\\\"");
            case '\\' -> quoted.append("\\\\");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            default -> {
              if (c < 0x20 || c == 0x7f) {
                quoted.append(String.format(Locale.ROOT, "\\u%04X", c));
              } else {
                quoted.appendCodePoint(c);
              }
            }
          }
        });
    return quoted.append('"').toString();
  }
}
