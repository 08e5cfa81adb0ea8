package birkhoff.transformer.cli;

import birkhoff.transformer.data.Preparation;
import birkhoff.transformer.metrics.TerminalBar;
import birkhoff.transformer.report.Numbers;

/** Shows how far a text has been read: a bar on a terminal, else a line now and then. */
final class ReadingProgress implements Preparation.Progress, AutoCloseable {
  private static final long MEGABYTE = 1_000_000;

  /** Shorter texts are read before a line about them could be. */
  private static final long WORTH_TELLING = 64 * MEGABYTE;

  private static final long NANOS_BETWEEN_LINES = 3_000_000_000L;

  private final Console console;
  private TerminalBar bar;
  private String pass = "";
  private long total;
  private long done;
  private long told;

  ReadingProgress(Console console) {
    this.console = console;
  }

  @Override
  public void begin(String name, long bytes) {
    close();
    pass = name;
    total = bytes;
    done = 0;
    told = System.nanoTime();
    if (console.terminal() && bytes >= WORTH_TELLING) {
      bar = new TerminalBar(console.err(), name, 0, bytes, " MB", MEGABYTE);
    }
  }

  @Override
  public void read(long bytes) {
    done += bytes;
    if (bar != null) {
      bar.step(done, "");
    } else if (total >= WORTH_TELLING && System.nanoTime() - told > NANOS_BETWEEN_LINES) {
      told = System.nanoTime();
      console.say(
          Numbers.format(
              "%s: %,d of %,d MB", pass, done / MEGABYTE, Math.ceilDiv(total, MEGABYTE)));
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
