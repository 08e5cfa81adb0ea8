package birkhoff.tests.profile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Linear;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.optim.GradClip;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.profile.ChromeTrace;
import birkhoff.engine.profile.MachineLimits;
import birkhoff.engine.profile.OpProfile;
import birkhoff.engine.profile.Phase;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
  void closingAnOlderProfileDoesNotEndANewer() {
    OpProfile older = OpProfile.start(engine);
    program(1);
    OpProfile newer = OpProfile.start(engine);
    program(1);
    older.close();
    program(1);
    newer.close();
    program(1);
    assertThat(newer.events()).hasSameSizeAs(older.events()).isNotEmpty();
    older.close();
    assertThat(engine.observers().isEmpty()).isTrue();
  }

  @Test
  void aProfileBeginsInTheMiddleOfATape() {
    Tensor x = engine.zeros(DType.FLOAT32, N, IN);
    Tape tape = engine.tape(engine.workspace("half a program"));
    tape.watch(x);
    Tensor y = tape.ops().gelu(x);
    try (var profile = OpProfile.start(engine)) {
      tape.backward(tape.ops().sum(y));
      assertThat(byLabel(profile)).containsOnlyKeys("sum", "sum backward", "gelu_erf backward");
    }
  }

  @Test
  void blocksHoldWhatRanInside() {
    try (var profile = OpProfile.start(engine)) {
      program(1);
      try (var _ = profile.block("epoch")) {
        for (int k = 0; k < 2; k++) {
          try (var _ = profile.block("step")) {
            program(1);
          }
        }
      }
      List<OpProfile.Total> blocks = profile.blocks();
      assertThat(blocks).extracting(OpProfile.Total::name).containsExactly("epoch", "step");
      long all = profile.totals().stream().mapToLong(OpProfile.Total::flops).sum();
      assertThat(blocks.getFirst().flops()).isEqualTo(2 * all / 3).isPositive();
      assertThat(blocks.getLast().flops()).isEqualTo(2 * all / 3);
      assertThat(blocks.getLast().calls()).isEqualTo(2);
      assertThat(blocks.getFirst().nanos()).isGreaterThanOrEqualTo(blocks.getLast().nanos());
    }
  }

  @Test
  void optimizerAndClippingHaveEvents() {
    var parameters = new Parameters(engine, DType.FLOAT32, 1);
    Linear layer = new Linear(parameters, "layer", IN, OUT, false, Initializer.normal(1));
    var adamW = new AdamW(engine, parameters.all(), AdamW.Options.DEFAULT);
    try (var profile = OpProfile.start(engine)) {
      Workspace workspace = engine.workspace("step");
      Tape tape = engine.tape(workspace);
      parameters.all().forEach(p -> tape.watch(p.tensor()));
      Tensor y = layer.forward(tape.ops(), engine.zeros(DType.FLOAT32, N, IN));
      Gradients gradients = tape.backward(tape.ops().sum(y));
      GradClip.globalNorm(engine.execution(workspace), parameters.all(), gradients);
      adamW.step(gradients, 0.1, 1);
      var totals = byLabel(profile);
      assertThat(totals.get("gradientNorm").bytes()).isEqualTo(4L * IN * OUT);
      assertThat(totals.get("adamW").bytes()).isEqualTo(7L * 4 * IN * OUT);
      assertThat(totals.get("adamW").phase()).isEqualTo(Phase.UPDATE);
    }
  }

  @Test
  void theRooflineIsTheSlowerOfArithmeticAndMemory() {
    var limits =
        new MachineLimits(
            1,
            512,
            List.of(new MachineLimits.Peak(256, 50e9), new MachineLimits.Peak(512, 100e9)),
            List.of(new MachineLimits.Read("memory", 1 << 28, 10e9)),
            20e9);
    var products =
        new OpProfile.Total("matmul", Phase.FORWARD, 1, 1_000_000, 50_000_000, 1_000_000, 0);
    assertThat(products.ofRoofline(limits)).isEqualTo(0.5);
    var copies = new OpProfile.Total("add", Phase.FORWARD, 1, 1_000_000, 0, 2_500_000, 0);
    assertThat(copies.ofRoofline(limits)).isEqualTo(0.25);
    assertThat(products.flopsPerSecond()).isEqualTo(50e9);
    assertThat(copies.bytesPerSecond()).isEqualTo(2.5e9);
  }

  /** Copies its operand through small arrays on the heap, which it keeps for the JIT to see. */
  private record Boxing(int each, float[][] kept) implements KernelPrimitive {
    @Override
    public String name() {
      return "boxing";
    }

    @Override
    public Plan plan(List<TensorSpec> in, boolean recording) {
      return Plan.of(in.getFirst());
    }

    @Override
    public void forward(Execution x, Operands o) {
      var from = o.in(0).data();
      var to = o.out(0).data();
      x.parallel(
          Partition.elements(o.in(0).count()),
          (lo, hi, w) -> {
            for (long i = lo; i < hi; i += each) {
              int n = (int) Math.min(each, hi - i);
              float[] box = new float[n];
              MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, 4 * i, box, 0, n);
              MemorySegment.copy(box, 0, to, ValueLayout.JAVA_FLOAT, 4 * i, n);
              kept[w] = box;
            }
          });
    }

    @Override
    public void vjp(Execution x, Operands o, Cotangents g) {
      throw new UnsupportedOperationException("forward only");
    }
  }

  @Test
  void operationsThatAllocateLikeBoxedVectorsAreFound() {
    Tensor x = engine.zeros(DType.FLOAT32, 1 << 20);
    Workspace workspace = engine.workspace("boxing");
    var ops = engine.ops(workspace);
    try (var profile = OpProfile.start(engine)) {
      ops.apply(new Boxing(16, new float[2][]), x);
      OpProfile.Total boxing = byLabel(profile).get("boxing");
      assertThat(boxing.heapBytes()).isGreaterThan(4L << 20);
      assertThat(boxing.boxes()).isTrue();
      OpProfile.Event event = profile.events().getFirst();
      assertThat(event.heapBytes()).isEqualTo(boxing.heapBytes());
    }
    var handles = new OpProfile.Total("linear", Phase.FORWARD, 10, 1, 0, 10_000_000, 400_000);
    assertThat(handles.boxes()).isFalse();
    var oneVectorInTwenty = new OpProfile.Total("gelu", Phase.FORWARD, 1, 1, 0, 64 << 20, 4 << 20);
    assertThat(oneVectorInTwenty.boxes()).isTrue();
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
            .isEqualTo(1 + Phase.valueOf(e.get("cat").asText().toUpperCase(Locale.ROOT)).ordinal());
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
