package birkhoff.transformer.metrics;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar in the last line of a terminal. */
public final class TerminalBar implements AutoCloseable {
  private static final String CLEAR_LINE = "\r\033[K";
  private static final int DEFAULT_WIDTH = 100;

  private final PrintStream terminal;
  private final ProgressBar bar;

  /**
   * Draws a bar.
   *
   * @param task before it
   * @param from where it starts
   * @param to where it ends
   * @param unit behind the numbers, with how many of them it is; empty and 1 for plain numbers
   */
  public TerminalBar(
      PrintStream terminal, String task, long from, long to, String unit, long unitSize) {
    this.terminal = terminal;
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(to)
            .setUnit(unit, unitSize)
            .startsFrom(from, Duration.ZERO)
            .setUpdateIntervalMillis(250)
            .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
            .setConsumer(new Line())
            .build();
  }

  /** The place that was reached, with a few words. */
  public void step(long step, String message) {
    bar.setExtraMessage(" " + message);
    bar.stepTo(step);
  }

  void printAbove(String text) {
    synchronized (terminal) {
      terminal.println(CLEAR_LINE + text);
      terminal.flush();
    }
    bar.refresh();
  }

  @Override
  public void close() {
    bar.close();
    // Not in the consumer: the library closes that on another thread, and not when drawing fails.
    synchronized (terminal) {
      terminal.println();
      terminal.flush();
    }
  }

  private final class Line implements ProgressBarConsumer {
    @Override
    public int getMaxRenderedLength() {
      String columns = System.getenv("COLUMNS");
      return columns != null && columns.matches("[1-9][0-9]{1,3}")
          ? Integer.parseInt(columns)
          : DEFAULT_WIDTH;
    }

    @Override
    public void accept(String rendered) {
      synchronized (terminal) {
        terminal.print(CLEAR_LINE + rendered);
        terminal.flush();
      }
    }

    @Override
    public void close() {}
  }
}
