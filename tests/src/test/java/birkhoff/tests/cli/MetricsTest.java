package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.transformer.diagnostics.MixerStatistics;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.metrics.ConsoleLines;
import birkhoff.transformer.metrics.EvaluationReport;
import birkhoff.transformer.metrics.HtmlReport;
import birkhoff.transformer.metrics.JsonSteps;
import birkhoff.transformer.metrics.MetricsFiles;
import birkhoff.transformer.metrics.RunSink;
import birkhoff.transformer.metrics.SampleReport;
import birkhoff.transformer.metrics.StepReport;
import birkhoff.transformer.metrics.StreamsReport;
import birkhoff.transformer.metrics.TensorBoardEvents;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
  private static final String[] STEP_KEYS = {
    "step", "loss", "lr", "grad_norm", "ms", "tokens_per_second", "tokens", "mfu", "rss_mb"
  };

  @TempDir Path folder;

  @Test
  void linesHaveExactlyTheDocumentedKeys() throws IOException {
    try (var files = new MetricsFiles(folder, 0)) {
      files.step(step(10));
      files.evaluated(new EvaluationReport(10, 2.5, 2.6, 3.75));
    }
    List<String> lines = Files.readAllLines(folder.resolve("metrics.jsonl"));
    assertThat(lines).hasSize(2);
    assertThat(Json.parse("line", lines.get(0)).fieldNames())
        .toIterable()
        .containsExactly(STEP_KEYS);
    assertThat(Json.parse("line", lines.get(1)).fieldNames())
        .toIterable()
        .containsExactly("step", "train_loss", "val_loss", "bits_per_byte");
    assertThat(Json.parse("line", lines.get(1)).get("val_loss").asDouble()).isEqualTo(2.6);
  }

  @Test
  void numbersThatJsonLacksAreNull() {
    var report = new StepReport(1, Double.NaN, 1, Double.POSITIVE_INFINITY, 1, 1, 1, Double.NaN, 1);
    assertThat(Json.line(report.toJson())).contains("\"loss\":null,").contains("\"mfu\":null");
  }

  @Test
  void aResumedRunContinuesAfterItsCheckpoint() throws IOException {
    try (var files = new MetricsFiles(folder, 0)) {
      for (int k = 10; k <= 50; k += 10) {
        files.step(step(k));
      }
    }
    Files.writeString(
        folder.resolve("metrics.jsonl"), "{\"step\":60,\"lo", StandardOpenOption.APPEND);
    try (var files = new MetricsFiles(folder, 30)) {
      files.step(step(40));
    }
    assertThat(Files.readAllLines(folder.resolve("metrics.jsonl")))
        .extracting(line -> Json.parse("line", line).get("step").asInt())
        .containsExactly(10, 20, 30, 40);
    assertThat(Files.readAllLines(folder.resolve("metrics.csv")))
        .extracting(line -> line.substring(0, line.indexOf(',')))
        .containsExactly("step", "10", "20", "30", "40");
  }

  @Test
  void theTableHasTheNumbersOfTheLines() throws IOException {
    try (var files = new MetricsFiles(folder, 0)) {
      files.step(new StepReport(1, Double.NaN, 2e-3, 0.5, 12.25, 100, 768, 0.75, 200));
      files.evaluated(new EvaluationReport(1, 2.5, 2.6, 3.75));
    }
    assertThat(folder.resolve("metrics.csv"))
        .hasContent(
            """
            step,loss,lr,grad_norm,ms,tokens_per_second,tokens,mfu,rss_mb,train_loss,val_loss,bits_per_byte
            1,,0.002,0.5,12.25,100.0,768,0.75,200.0,,,
            1,,,,,,,,,2.5,2.6,3.75
            """);
  }

  @Test
  void jsonStepsPrintsOnlyLoggedSteps() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (RunSink sink = new JsonSteps(out)) {
      sink.progress(step(1));
      sink.evaluated(new EvaluationReport(1, 1, 1, 1));
      sink.sampled(new SampleReport(1, "text"));
      sink.step(step(10));
      sink.saved(10, folder);
    }
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(1);
    assertThat(Json.parse("line", lines.get(0)).fieldNames())
        .toIterable()
        .containsExactly(STEP_KEYS);
  }

  @Test
  void withoutATerminalLinesHaveNoControlCharacters() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (RunSink sink = new ConsoleLines(err, false, 0, 100)) {
      sink.progress(step(9));
      sink.step(step(10));
      sink.evaluated(new EvaluationReport(10, 2.5, 2.6, 3.75));
      sink.sampled(new SampleReport(10, "\nsome text\n"));
      sink.saved(10, Path.of("out/step"));
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .contains("step  10  loss 2.1000")
        .contains("validation loss 2.6000")
        .contains("some text")
        .doesNotContain("\033")
        .doesNotContain("\r");
  }

  private static StreamsReport streams(int step) {
    var one = new MixerStatistics(1e-7, 1e-8, 2e-7, 1e-8, 0.9, 1, 1 - step / 1e4, 0.8);
    return new StreamsReport(step, List.of(one, one, one, one), one);
  }

  /** Records, checksums and fields, read after the definition of the format. */
  @Test
  void tensorBoardEventsHoldTheNumbers() throws IOException {
    try (var events = new TensorBoardEvents(folder)) {
      events.step(step(300));
      events.evaluated(new EvaluationReport(300, 1.5, 1.75, 2.5));
      events.mixed(streams(300));
    }
    Path file;
    try (var files = Files.list(folder)) {
      file = files.filter(f -> f.getFileName().toString().startsWith("events.")).findFirst().get();
    }
    var in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<String> records = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(masked(length));
      byte[] event =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(event);
      assertThat(in.getInt()).isEqualTo(masked(event));
      assertThat(event[0]).as("wall time, a double").isEqualTo((byte) 0x09);
      records.add(new String(event, StandardCharsets.ISO_8859_1));
    }
    assertThat(records).hasSize(4);
    assertThat(records.get(0)).endsWith("brain.Event:2");
    // Step 300 is 0xac 0x02 as a varint; 1.75f is 0x3fe00000.
    assertThat(records.get(2))
        .contains("\u0010\u00ac\u0002")
        .contains("\n\u000floss/validation\u0015\u0000\u0000\u00e0\u003f");
    assertThat(records.get(3)).contains("streams/composite_sigma2");
  }

  private static int masked(byte[] data) {
    var crc = new CRC32C();
    crc.update(data);
    long value = crc.getValue();
    return (int) (((value >> 15 | value << 17) + 0xa282ead8L) & 0xffffffffL);
  }

  @Test
  void onATerminalABarIsDrawnBelowTheLines() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (RunSink sink = new ConsoleLines(err, true, 0, 100)) {
      sink.progress(step(50));
      sink.step(step(50));
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertThat(text).contains("\r\033[Kstep  50").contains("50/100").endsWith("\n");
  }

  @Test
  void theReportIsSelfContainedAndItsChartsAreWellFormed() throws Exception {
    var facts = Map.of("Model", "4 layers <wide> & \"deep\"");
    try (var files = new MetricsFiles(folder, 0);
        var report = new HtmlReport(folder, "Run <1>", facts, "n_layer = 4\n")) {
      for (int k = 1; k <= 2000; k++) {
        files.step(step(k));
        if (k % 250 == 0) {
          files.evaluated(new EvaluationReport(k, 3 - k / 1e3, 3 - k / 1.1e3, 2));
          files.mixed(streams(k));
          files.sampled(new SampleReport(k, "sample & <b>" + k + "\u0000"));
        }
      }
      report.evaluated(new EvaluationReport(2000, 1, 1, 1));
      assertThat(Files.readString(folder.resolve("report.html"))).contains("location.reload()");
    }
    String html = Files.readString(folder.resolve("report.html"));
    assertThat(html)
        .contains("Run &lt;1&gt;")
        .contains("sample &amp; &lt;b&gt;2000\ufffd")
        .contains("&lt;wide&gt; &amp; &quot;deep&quot;")
        .contains("prefers-color-scheme: dark")
        .contains("block 1 mlp")
        .doesNotContain("location.reload")
        .doesNotContain("http")
        .doesNotContain("NaN");
    var charts = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html).results().toList();
    assertThat(charts).hasSize(10);
    var xml = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    for (var chart : charts) {
      byte[] utf8 = chart.group().getBytes(StandardCharsets.UTF_8);
      var svg = xml.parse(new ByteArrayInputStream(utf8)).getDocumentElement();
      assertThat(svg.getElementsByTagName("polyline").getLength()).isPositive();
      assertThat(svg.getElementsByTagName("text").getLength()).isGreaterThan(5);
    }
  }

  private static StepReport step(long k) {
    return new StepReport(k, 2.1, 1e-3, 0.7, 31.5, 24_000, 768 * k, 0.12, 312);
  }
}
