package birkhoff.transformer.config;

/**
 * One configuration key: an option of the command line and a name in TOML files.
 *
 * @param name with underscores
 * @param kind type and range
 * @param fallback value when nothing sets the key
 * @param group heading in help texts
 * @param onResume whether a resumed run may change it
 * @param help one sentence
 * @param <T> type of the value
 */
public record Key<T>(
    String name, Kind<T> kind, T fallback, Group group, OnResume onResume, String help) {

  /** Headings, in the order of help texts and printed configurations. */
  public enum Group {
    RUN("Run"),
    DATA("Data"),
    MODEL("Model"),
    RESIDUAL("Residual streams"),
    OPTIMIZER("Optimizer"),
    SYSTEM("Machine");

    private final String title;

    Group(String title) {
      this.title = title;
    }

    /** The heading. */
    public String title() {
      return title;
    }
  }

  /** Whether a resumed run may differ from the interrupted one. */
  public enum OnResume {
    /** The checkpoint only fits this value. */
    FIXED,
    /** May change from run to run. */
    FREE
  }

  /** The value of this key that the text means. */
  T parse(String text) {
    return kind.parse(text);
  }
}
