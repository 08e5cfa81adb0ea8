package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Single precision and refusals of every primitive, on every arrangement of its operands. */
class OpsTest {
  private static final int SEEDS = 2;

  private final Engine reference =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar").withDebug(true));
  private final Engine fast = Engine.create(EngineConfig.defaults().withThreads(2));

  @AfterEach
  void close() {
    reference.close();
    fast.close();
  }

  @TestFactory
  Stream<DynamicTest> singlePrecisionAgreesWithDouble() {
    return each(this::checkSingle);
  }

  @TestFactory
  Stream<DynamicTest> refusals() {
    return OpSpecs.all().stream()
        .map(
            s -> DynamicTest.dynamicTest(s.name(), () -> s.refusals().forEach(r -> refused(s, r))));
  }

  private interface Check {
    void run(OpSpec spec, OpSpec.Case c, Arrangement arrangement, SplittableRandom random);
  }

  private static Stream<DynamicTest> each(Check check) {
    return OpSpecs.all().stream()
        .map(spec ->
            DynamicTest.dynamicTest(
                spec.name(),
                () -> {
                  assertThat(spec.cases()).isNotEmpty();
                  for (OpSpec.Case c : spec.cases()) {
                    for (Arrangement a : Arrangement.values()) {
                      run(spec, c, a, check);
                    }
                  }
                }));
  }

  private static void run(OpSpec spec, OpSpec.Case c, Arrangement a, Check check) {
    for (int s = 0; s < SEEDS; s++) {
      try {
        check.run(spec, c, a, Seeds.random(spec.name(), c.operands().toString(), a, s));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            spec.name() + " on " + c.operands() + " " + a + ": " + e.getMessage(), e);
      }
    }
  }

  private void checkSingle(OpSpec spec, OpSpec.Case c, Arrangement a, SplittableRandom random) {
    SplittableRandom again = Seeds.random("single", random.nextLong());
    long seed = again.nextLong();
    List<double[]> expected =
        Operands.numbers(
            reference, DType.FLOAT64, spec, c, a, new SplittableRandom(seed), bases -> {});
    List<double[]> got =
        Operands.numbers(fast, DType.FLOAT32, spec, c, a, new SplittableRandom(seed), bases -> {});
    for (int i = 0; i < expected.size(); i++) {
      // The gradient of one element that stands for many adds up the errors of all.
      long most = c.operands().stream().mapToLong(Operand::count).max().orElse(1);
      long repeats = Math.max(1, most / Math.max(1, expected.get(i).length));
      double each = a.repeats() ? 1e-5 * repeats : 1e-5;
      Numeric.assertClose(
          "value or gradient " + i,
          expected.get(i),
          got.get(i),
          Bound.absolute(each).or(Bound.relativeToLargest(2e-5)));
    }
  }

  private void refused(OpSpec spec, OpSpec.Refusal r) {
    var random = Seeds.random(spec.name(), r.operands().toString());
    var c = new OpSpec.Case(r.call(), in -> List.of(), r.operands());
    for (boolean recording : new boolean[] {false, true}) {
      try (Workspace ws = reference.workspace("test")) {
        List<Tensor> in = Operands.bases(reference, DType.FLOAT64, c, Arrangement.PLAIN, random);
        Tape tape = reference.tape(ws);
        in.stream().filter(t -> t.dtype().isFloating()).forEach(tape::watch);
        Ops ops = recording ? tape.ops() : reference.ops(ws);
        assertThatThrownBy(() -> r.call().apply(ops, in))
            .as("%s on %s", spec.name(), r.operands())
            .isInstanceOf(r.type())
            .message()
            .contains(spec.name())
            .contains(r.message());
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> staleOperandsAreRefused() {
    return OpSpecs.all().stream()
        .map(spec ->
            DynamicTest.dynamicTest(
                spec.name(),
                () -> {
                  OpSpec.Case c = spec.cases().getLast();
                  try (Workspace ws = reference.workspace("test")) {
                    List<Tensor> in =
                        Operands.bases(
                                reference,
                                DType.FLOAT64,
                                c,
                                Arrangement.PLAIN,
                                Seeds.random(spec.name()))
                            .stream()
                            .map(t -> reference.execution(ws).allocate(t.spec()))
                            .toList();
                    ws.reset();
                    assertThatThrownBy(() -> c.call().apply(reference.ops(ws), in))
                        .isInstanceOf(StaleTensorException.class)
                        .message()
                        .contains(in.getFirst().spec().toString(), "was reset", "copy");
                  }
                }));
  }
}
