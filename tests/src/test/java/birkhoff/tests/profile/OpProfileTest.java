package birkhoff.tests.profile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.profile.ChromeTrace;
import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.OpProfile;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpProfileTest {
  private static final int N = 24;
  private static final int IN = 8;
  private static final int OUT = 5;

  @TempDir private Path folder;

  private final Engine engine = Engine.create(EngineConfig.defaults().withThreads(2));

  @AfterEach
  void close() {
    engine.close();
  }

  /** A linear layer and its gradient, {@code times} times. */
  private void program(int times) {
    Tensor x = engine.zeros(DType.FLOAT32, N, IN);
    Tensor weight = engine.zeros(DType.FLOAT32, OUT, IN);
    var workspace = engine.workspace("program");
    for (int k = 0; k < times; k++) {
      Tape tape = engine.tape(workspace);
      tape.watch(weight);
      tape.watch(x);
      Tensor y = tape.ops().linear(x, weight, null);
      tape.backward(tape.ops().sum(tape.ops().gelu(y)));
      workspace.reset();
    }
  }

  private static Map<String, OpProfile.Total> byLabel(OpProfile profile) {
    return profile.totals().stream()
        .collect(Collectors.toMap(OpProfile.Total::label, Function.identity()));
  }

  @Test
  void countsCallsArithmeticAndBytesOfAnyProgram() {
    try (var profile = OpProfile.start(engine)) {
      program(3);
      var totals = byLabel(profile);
      OpProfile.Total forward = totals.get("linear");
      assertThat(forward.calls()).isEqualTo(3);
      assertThat(forward.flops()).isEqualTo(3L * 2 * N * IN * OUT);
      assertThat(forward.bytes()).isEqualTo(3L * 4 * (N * IN + OUT * IN + N * OUT));
      OpProfile.Total backward = totals.get("linear backward");
      assertThat(backward.flops()).isEqualTo(2 * forward.flops());
      assertThat(backward.bytes()).isEqualTo(3L * 4 * (2 * N * IN + 2 * OUT * IN + N * OUT));
      assertThat(totals.get("gelu_erf").flops()).isZero();
      assertThat(totals.keySet()).contains("gelu_erf backward", "sum", "sum backward");
      long sum = totals.values().stream().mapToLong(OpProfile.Total::nanos).sum();
      assertThat(sum).isPositive().isLessThanOrEqualTo(profile.elapsed());
    }
  }

  @Test
  void recordsOnlyWhileItIsOpen() {
    program(1);
    OpProfile profile = OpProfile.start(engine);
    try (profile) {
      program(1);
    }
    int recorded = profile.events().size();
    program(1);
    assertThat(profile.events()).hasSize(recorded).isNotEmpty();
  }

  @Test
  void theRooflineIsTheSlowerOfArithmeticAndMemory() {
    var limits = new MachineLimits(1, 512, 100e9, List.of(new MachineLimits.Read(1 << 28, 10e9)));
    var products = new OpProfile.Total("matmul", false, 1, 1_000_000, 50_000_000, 1_000_000);
    assertThat(products.ofRoofline(limits)).isEqualTo(0.5);
    var copies = new OpProfile.Total("add", false, 1, 1_000_000, 0, 2_500_000);
    assertThat(copies.ofRoofline(limits)).isEqualTo(0.25);
    assertThat(products.flopsPerSecond()).isEqualTo(50e9);
    assertThat(copies.bytesPerSecond()).isEqualTo(2.5e9);
  }

  @Test
  void theTraceIsReadByAJsonReader() throws IOException {
    Path file = folder.resolve("trace.json");
    try (var profile = OpProfile.start(engine)) {
      program(2);
      ChromeTrace.write(file, profile.events());
      JsonNode trace = new ObjectMapper().readTree(file.toFile());
      List<JsonNode> complete =
          trace
              .get("traceEvents")
              .valueStream()
              .filter(e -> e.get("ph").asText().equals("X"))
              .toList();
      assertThat(complete).hasSameSizeAs(profile.events());
      double end = 0;
      for (JsonNode e : complete) {
        assertThat(e.get("ts").asDouble()).isGreaterThanOrEqualTo(end);
        end = e.get("ts").asDouble();
        assertThat(e.get("dur").asDouble()).isPositive();
        assertThat(e.get("tid").asInt())
            .isEqualTo(e.get("cat").asText().equals("backward") ? 2 : 1);
      }
    }
  }

  @Test
  void flightRecorderSeesEveryOperation() throws IOException {
    Path file = folder.resolve("recording.jfr");
    try (var recording = new Recording();
        var profile = OpProfile.start(engine)) {
      recording.enable("birkhoff.Operation");
      recording.start();
      program(1);
      recording.stop();
      recording.dump(file);
      List<RecordedEvent> seen = RecordingFile.readAllEvents(file);
      assertThat(seen).hasSameSizeAs(profile.events());
      assertThat(seen.getFirst().getString("operation")).isEqualTo("linear");
      assertThat(seen.getFirst().getLong("flops")).isEqualTo(2L * N * IN * OUT);
    }
  }
}
