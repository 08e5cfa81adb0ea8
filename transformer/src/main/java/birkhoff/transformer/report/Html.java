package birkhoff.transformer.report;

/** Text in HTML and SVG. */
public final class Html {
  private Html() {}

  /** Replaces what markup would misread; control characters that XML forbids become U+FFFD. */
  public static String escape(String text) {
    var escaped = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\n', '\t', '\r' -> escaped.appendCodePoint(c);
            default -> escaped.appendCodePoint(c < 0x20 ? 0xfffd : c);
          }
        });
    return escaped.toString();
  }
}
