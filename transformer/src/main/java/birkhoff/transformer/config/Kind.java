package birkhoff.transformer.config;

import java.util.List;

/**
 * The type and range of a configuration value.
 *
 * @param <T> {@link Integer}, {@link Long}, {@link Double}, {@link Boolean} or {@link String}
 */
public sealed interface Kind<T> {
  /**
   * Parses a value.
   *
   * @throws IllegalArgumentException with the broken rule, such as "must be an integer"
   */
  T parse(String text);

  /** A short name for help texts: {@code INT}, {@code NUMBER}, {@code true|false} and so on. */
  String label();

  /** Integers between two bounds, both included. */
  record Int(int min, int max) implements Kind<Integer> {
    @Override
    public Integer parse(String text) {
      int value;
      try {
        value = Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("must be an integer", e);
      }
      if (value < min || value > max) {
        throw new IllegalArgumentException(
            max == Integer.MAX_VALUE
                ? "must be at least " + min
                : "must be between " + min + " and " + max);
      }
      return value;
    }

    @Override
    public String label() {
      return "INT";
    }
  }

  /** Any 64-bit integer. */
  record Int64() implements Kind<Long> {
    @Override
    public Long parse(String text) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("must be a 64-bit integer", e);
      }
    }

    @Override
    public String label() {
      return "INT";
    }
  }

  /** Finite numbers from {@code min} to {@code max}; the upper bound itself may be excluded. */
  record Number(double min, double max, boolean maxIncluded) implements Kind<Double> {
    @Override
    public Double parse(String text) {
      double value;
      try {
        value = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("must be a number", e);
      }
      if (!(value >= min && (maxIncluded ? value <= max : value < max))
          || Double.isInfinite(value)) {
        throw new IllegalArgumentException(
            max >= Double.MAX_VALUE
                ? "must be a finite number of at least " + min
                : "must be at least "
                    + min
                    + " and "
                    + (maxIncluded ? "at most " : "below ")
                    + max);
      }
      return value;
    }

    @Override
    public String label() {
      return "NUMBER";
    }
  }

  /** {@code true} or {@code false}. */
  record Bool() implements Kind<Boolean> {
    @Override
    public Boolean parse(String text) {
      return switch (text) {
        case "true", "True" -> true;
        case "false", "False" -> false;
        default -> throw new IllegalArgumentException("must be true or false");
      };
    }

    @Override
    public String label() {
      return "true|false";
    }
  }

  /** One of a few words. */
  record Choice(List<String> words) implements Kind<String> {
    /** Copies the words. */
    public Choice {
      words = List.copyOf(words);
    }

    @Override
    public String parse(String text) {
      if (!words.contains(text)) {
        throw new IllegalArgumentException("must be one of " + String.join(", ", words));
      }
      return text;
    }

    @Override
    public String label() {
      return String.join("|", words);
    }
  }

  /** Any text, such as a path. */
  record Text(String label) implements Kind<String> {
    @Override
    public String parse(String text) {
      return text;
    }
  }
}
