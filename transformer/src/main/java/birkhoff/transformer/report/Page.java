package birkhoff.transformer.report;

/** What all our HTML pages share: one self-contained file, light and dark. */
public final class Page {
  /** The end of a page. */
  public static final String END = "</main></body></html>\n";

  /** Colours and the rules of charts: also the style of a chart that is a file of its own. */
  static final String CHART_STYLE =
      """
      :root { --page:#fbfbfa; --card:#fff; --ink:#1d2129; --soft:#68707d; --rule:#e4e6ea;
        --a:#1d5fd1; --b:#c2571a; --c:#6b7686;
        --warn:#b3261e; }
      @media (prefers-color-scheme: dark) {
        :root { --page:#14161a; --card:#1c1f25; --ink:#e6e8ec; --soft:#98a1af; --rule:#2d323b;
          --a:#6ea3ff; --b:#f0975a; --c:#8f9aaa;
          --warn:#ff8a80; } }
      svg text { font:12px system-ui,sans-serif; fill:var(--soft); stroke:var(--card);
        stroke-width:3px; paint-order:stroke; }
      svg text.title { font-size:14px; font-weight:600; fill:var(--ink); }
      .grid { stroke:var(--rule); stroke-width:1; }
      .line { fill:none; stroke-width:1.8; stroke-linejoin:round; stroke-linecap:round; }
      .line-0 { stroke:var(--a); } .line-1 { stroke:var(--b); } .line-2 { stroke:var(--c); }
      .line-3 { stroke:#2f9e6e; } .line-4 { stroke:#b858c9; } .line-5 { stroke:#c9a227; }
      .line-6 { stroke:#d1495b; } .line-7 { stroke:#4aa3b8; }
      .dashed { stroke-dasharray:6 5; } .level { stroke:var(--ink); stroke-dasharray:2 3; }
      .dot { fill:var(--card); stroke-width:1.8; } .ghost { opacity:.6; stroke-width:1.2; stroke-dasharray:2 4; }
      .faint { opacity:.3; stroke-width:1; } .band { stroke:none; fill-opacity:.13; }
      .band.line-0 { fill:var(--a); } .band.line-1 { fill:var(--b); } .band.line-2 { fill:var(--c); }
      .band.line-3 { fill:#2f9e6e; } .band.line-4 { fill:#b858c9; } .band.line-5 { fill:#c9a227; }
      .band.line-6 { fill:#d1495b; } .band.line-7 { fill:#4aa3b8; }
      """;

  private static final String STYLE =
      """
      * { box-sizing:border-box; }
      body { margin:0; background:var(--page); color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif; }
      main { max-width:1320px; margin:0 auto; padding:28px 20px 48px; }
      h1 { font-size:24px; margin:0 0 18px; } h2 { font-size:17px; margin:30px 0 10px; }
      h3 { font-size:13px; font-weight:600; color:var(--soft); margin:14px 0 6px; }
      .tiles { display:flex; flex-wrap:wrap; gap:12px; margin-bottom:16px; }
      .tiles div { flex:1 1 150px; background:var(--card); border:1px solid var(--rule);
        border-radius:10px; padding:12px 16px; }
      .tiles b { display:block; font-size:22px; font-variant-numeric:tabular-nums; }
      .tiles span { color:var(--soft); font-size:13px; }
      .charts { display:grid; grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));
        gap:12px; }
      svg { width:100%; height:auto; background:var(--card); border:1px solid var(--rule);
        border-radius:10px; }
      pre { background:var(--card); border:1px solid var(--rule); border-radius:10px; margin:0;
        padding:12px 16px; overflow-x:auto; font:13px/1.45 ui-monospace,Menlo,Consolas,monospace;
        white-space:pre-wrap; overflow-wrap:anywhere; }
      .columns { display:grid; grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));
        gap:0 20px; align-items:start; }
      .soft { color:var(--soft); margin:0 0 14px; }
      .warning, .warning th, .warning td { color:var(--warn); }
      .wide { overflow-x:auto; } .wide svg { min-width:900px; }
      .numbers td { text-align:right; font-variant-numeric:tabular-nums; white-space:nowrap; }
      .numbers thead th { text-align:right; } .numbers th:first-child { text-align:left; }
      .part-0 { fill:#3b78e7; } .part-1 { fill:#e0813a; } .part-2 { fill:#2f9e6e; }
      .part-3 { fill:#b858c9; } .part-4 { fill:#c9a227; } .part-5 { fill:#d1495b; }
      .part-6 { fill:#4aa3b8; } .part-7 { fill:#8a94a3; } .roof { stroke:var(--ink); }
      table { border-collapse:collapse; width:100%; }
      th,td { text-align:left; vertical-align:top; padding:5px 12px 5px 0;
        border-bottom:1px solid var(--rule); overflow-wrap:anywhere; }
      th { font-weight:500; color:var(--soft); white-space:nowrap; }
      .facts th { white-space:normal; width:34%; overflow-wrap:normal; }
      """;

  private Page() {}

  /** Everything up to the heading. */
  public static String start(String title) {
    return start(title, "");
  }

  /**
   * The same with rules of the page's own.
   *
   * @param style CSS
   */
  public static String start(String title, String style) {
    String escaped = Html.escape(title);
    return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
        + escaped
        + "</title>\n<style>\n"
        + CHART_STYLE
        + STYLE
        + style
        + "</style></head>\n<body><main>\n<h1>"
        + escaped
        + "</h1>\n";
  }

  /** A large number with its name, for a section of class {@code tiles}. */
  public static String tile(String name, double value, String pattern) {
    String shown = Double.isFinite(value) ? Numbers.format(pattern, value) : "–";
    return "<div><b>" + shown + "</b><span>" + Html.escape(name) + "</span></div>\n";
  }

  /** A row of a table of facts. */
  public static String row(String name, String value) {
    return "<tr><th>" + Html.escape(name) + "</th><td>" + Html.escape(value) + "</td></tr>\n";
  }
}
