package birkhoff.transformer.metrics;

import birkhoff.transformer.json.Json;
import java.io.PrintStream;

/** Prints one JSON object per logged step, and nothing else. */
public final class JsonSteps implements RunSink {
  private final PrintStream out;

  /** Prints to a stream that is not closed. */
  public JsonSteps(PrintStream out) {
    this.out = out;
  }

  @Override
  public void step(StepReport report) {
    out.println(Json.line(report.toJson()));
    out.flush();
  }
}
