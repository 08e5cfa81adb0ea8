package birkhoff.transformer.metrics;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes {@code metrics.jsonl}, the same as {@code metrics.csv}, {@code samples.jsonl}, and for
 * models with streams {@code streams.jsonl}.
 */
public final class MetricsFiles implements RunSink {
  /** Steps and evaluations. */
  public static final String METRICS = "metrics.jsonl";

  /** Steps and evaluations for spreadsheets. */
  public static final String TABLE = "metrics.csv";

  /** Samples. */
  public static final String SAMPLES = "samples.jsonl";

  /** Mixers. */
  public static final String STREAMS = "streams.jsonl";

  private final Path outDir;
  private final long lastStep;
  private final JsonLines metrics;
  private final JsonLines samples;
  private JsonLines streams;
  private final CsvLines table;

  /**
   * Continues the files of a run.
   *
   * @param lastStep steps of the checkpoint that the run starts from; later lines are dropped
   */
  public MetricsFiles(Path outDir, long lastStep) throws IOException {
    this.outDir = outDir;
    this.lastStep = lastStep;
    metrics = JsonLines.open(outDir.resolve(METRICS), lastStep);
    samples = JsonLines.open(outDir.resolve(SAMPLES), lastStep);
    if (Files.exists(outDir.resolve(STREAMS))) {
      streams = JsonLines.open(outDir.resolve(STREAMS), lastStep);
    }
    table = CsvLines.open(outDir.resolve(TABLE), read(outDir));
  }

  /** The steps and evaluations of a run so far; none when it has not begun. */
  public static List<ObjectNode> read(Path outDir) throws IOException {
    return JsonLines.read(outDir.resolve(METRICS));
  }

  @Override
  public void step(StepReport report) throws IOException {
    metrics.write(report.toJson());
    table.write(report.toJson());
  }

  @Override
  public void evaluated(EvaluationReport report) throws IOException {
    metrics.write(report.toJson());
    table.write(report.toJson());
  }

  @Override
  public void mixed(StreamsReport report) throws IOException {
    if (streams == null) {
      streams = JsonLines.open(outDir.resolve(STREAMS), lastStep);
    }
    streams.write(report.toJson());
  }

  @Override
  public void sampled(SampleReport report) throws IOException {
    samples.write(report.toJson());
  }

  @Override
  public void close() throws IOException {
    JsonLines mixers = streams;
    try (metrics;
        table;
        mixers) {
      samples.close();
    }
  }
}
