package birkhoff.transformer.json;

import birkhoff.transformer.error.DataException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** JSON objects to and from text. Duplicate keys and trailing text are errors. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** A new, empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** One line without spaces. */
  public static String line(JsonNode value) {
    return value.toString();
  }

  /** Several indented lines, ending with a line feed. */
  public static String pretty(JsonNode value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }

  /**
   * Parses a file that holds one object.
   *
   * @throws DataException when it is missing, not JSON, or not an object
   */
  public static ObjectNode read(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new DataException(file + " is not a regular file");
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new DataException(file + " does not exist", e);
    } catch (CharacterCodingException e) {
      throw new DataException(file + " is not valid UTF-8", e);
    }
    return parse(file.toString(), text);
  }

  /**
   * Parses one object.
   *
   * @param what named in the message
   * @throws DataException when the text is not one JSON object
   */
  public static ObjectNode parse(String what, String text) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      var place = e.getLocation();
      throw new DataException(
          what
              + (place == null
                  ? ""
                  : ": line " + place.getLineNr() + ", column " + place.getColumnNr())
              + ": "
              + e.getOriginalMessage(),
          e);
    }
    throw new DataException(what + " must be a JSON object");
  }

  /**
   * A member that must be there.
   *
   * @throws DataException when it is missing or null
   */
  public static JsonNode require(Path file, JsonNode object, String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      throw new DataException(file + ": '" + name + "' is missing");
    }
    return value;
  }

  /** A member that must be a string. */
  public static String string(Path file, JsonNode object, String name) {
    JsonNode value = require(file, object, name);
    if (!value.isTextual()) {
      throw new DataException(file + ": '" + name + "' must be a string, not " + value);
    }
    return value.textValue();
  }

  /** A member that must be an integer of at most 63 bits. */
  public static long integer(Path file, JsonNode object, String name) {
    JsonNode value = require(file, object, name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new DataException(file + ": '" + name + "' must be an integer, not " + value);
    }
    return value.longValue();
  }

  /** A member that must be a finite number. */
  public static double number(Path file, JsonNode object, String name) {
    JsonNode value = require(file, object, name);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw new DataException(file + ": '" + name + "' must be a finite number, not " + value);
    }
    return value.doubleValue();
  }
}
