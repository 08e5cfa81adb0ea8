package birkhoff.transformer.cli;

import birkhoff.transformer.error.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Values of options that are more than one number. */
final class OptionValues {
  private static final int MOST = 10_000;

  private OptionValues() {}

  /**
   * Integers such as {@code 2,4,8-16}.
   *
   * @param name of the option, for messages
   */
  static List<Integer> integers(String name, String text) {
    List<Integer> values = new ArrayList<>();
    for (String part : words(text)) {
      if (!part.matches("[0-9]{1,6}(-[0-9]{1,6})?")) {
        throw new UsageException(
            name + "=" + text + " must be integers or ranges, separated by commas, such as 2,4-8");
      }
      String[] ends = part.split("-");
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[ends.length - 1]);
      if (last < first || last - first > MOST) {
        throw new UsageException(
            name + "=" + text + ": the range " + part + " must ascend, by " + MOST + " at most");
      }
      for (int value = first; value <= last; value++) {
        values.add(value);
      }
    }
    return values;
  }

  /** Words separated by commas. */
  static List<String> words(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).filter(w -> !w.isEmpty()).toList();
  }
}
