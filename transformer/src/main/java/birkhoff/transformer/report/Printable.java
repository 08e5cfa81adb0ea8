package birkhoff.transformer.report;

/** Text from strangers for a terminal. */
public final class Printable {
  private static final int MOST = 200;

  private Printable() {}

  /** On one line, not too long, and without what could move a terminal's cursor. */
  public static String of(String text) {
    String start = text.length() > MOST ? text.substring(0, MOST) + "…" : text;
    return start.replaceAll("[\\p{Cntrl}\\x{80}-\\x{9f}]", "·");
  }
}
