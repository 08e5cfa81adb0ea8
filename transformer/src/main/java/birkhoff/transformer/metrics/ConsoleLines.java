package birkhoff.transformer.metrics;

import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.report.Numbers;
import java.io.PrintStream;
import java.nio.file.Path;

/** Tells people what happens: plain lines, and a progress bar below them on a terminal. */
public final class ConsoleLines implements RunSink {
  private final PrintStream err;
  private final TerminalBar bar;
  private final long lastStep;
  private final Smoothing smoothed = new Smoothing(0.98);
  private double rssMb = Double.NaN;

  /**
   * Prints to a stream that is not closed.
   *
   * @param firstStep steps done already
   * @param lastStep steps in all
   */
  public ConsoleLines(PrintStream err, boolean terminal, long firstStep, long lastStep) {
    this.err = err;
    this.bar = terminal ? new TerminalBar(err, "train", firstStep, lastStep, "", 1) : null;
    this.lastStep = lastStep;
  }

  @Override
  public void progress(StepReport r) {
    if (bar == null) {
      return;
    }
    rssMb = Double.isNaN(r.rssMb()) ? rssMb : r.rssMb();
    bar.step(
        r.step(),
        Numbers.format(
            "loss %.3f (avg %.3f)  %,.0f tok/s%s%s",
            r.loss(),
            smoothed.add(r.loss()),
            r.tokensPerSecond(),
            share(r.mfu(), "%.0f"),
            memory(rssMb)));
  }

  private static String share(double mfu, String pattern) {
    return Double.isNaN(mfu) ? "" : Numbers.format("  " + pattern + " %% of peak", 100 * mfu);
  }

  private static String memory(double megabytes) {
    return Double.isNaN(megabytes) ? "" : Numbers.format("  %,.0f MB", megabytes);
  }

  @Override
  public void step(StepReport r) {
    int width = Long.toString(lastStep).length();
    line(
        Numbers.format(
            "step %" + width + "d  loss %.4f  lr %.2e  norm %.3f  %7.2f ms  %,7.0f tokens/s%s%s",
            r.step(),
            r.loss(),
            r.lr(),
            r.gradNorm(),
            r.ms(),
            r.tokensPerSecond(),
            share(r.mfu(), "%4.1f"),
            memory(r.rssMb())));
  }

  @Override
  public void evaluated(EvaluationReport r) {
    line(
        Numbers.format(
            "after %d steps: train loss %.4f, validation loss %.4f, %.3f bits per byte",
            r.step(), r.trainLoss(), r.valLoss(), r.bitsPerByte()));
  }

  @Override
  public void mixed(StreamsReport r) {
    line(
        Numbers.format(
            "mixers: mean diagonal %.4f, sigma2 %.4f (%.4f of their product), largest error of a"
                + " sum %.1e",
            r.mean(MixerStatistics::diagonal),
            r.mean(MixerStatistics::sigma2),
            r.composite().sigma2(),
            r.errorMax()));
  }

  @Override
  public void sampled(SampleReport r) {
    String rule = "─".repeat(30);
    line(Numbers.format("%s sample after %d steps %s", rule, r.step(), rule));
    r.text().strip().lines().forEach(this::line);
    line("─".repeat(83));
  }

  @Override
  public void saved(long step, Path checkpoint) {
    line("saved " + checkpoint);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  private void line(String text) {
    if (bar != null) {
      bar.printAbove(text);
    } else {
      err.println(text);
    }
  }
}
