package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.GradCheck;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Values, gradients and refusals of every primitive, on every arrangement of its operands. */
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
  Stream<DynamicTest> valuesAndGradientsInDouble() {
    return each(this::checkDouble);
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

  private void checkDouble(OpSpec spec, OpSpec.Case c, Arrangement a, SplittableRandom random) {
    try (Workspace ws = reference.workspace("test")) {
      List<Tensor> bases = bases(reference, DType.FLOAT64, c, a, random);
      Ops ops = reference.ops(ws);
      List<Tensor> in = views(ops, bases, c, a);
      List<Values> expected = c.formula().apply(in.stream().map(t -> values(t)).toList());
      Tensor[] out = c.call().apply(ops, in);
      assertThat(out).hasSameSizeAs(expected.toArray());
      for (int i = 0; i < out.length; i++) {
        Values e = expected.get(i);
        assertThat(out[i].shape().toArray()).as("shape of output %d", i).isEqualTo(longs(e));
        Numeric.assertClose(
            "output " + i,
            e.data(),
            out[i].toDoubleArray(),
            Bound.absolute(1e-12).or(Bound.relativeToLargest(1e-11)),
            e.shape());
      }
      for (int mask = 1; spec.differentiable() && mask < 1 << out.length; mask++) {
        int chosen = mask;
        GradCheck.DEFAULT.check(
            reference.execution(ws),
            (o, b) -> mix(o, c.call().apply(o, views(o, b, c, a)), chosen),
            bases);
      }
    }
  }

  /** One tensor that depends on the outputs of a mask. */
  private static Tensor mix(Ops ops, Tensor[] out, int mask) {
    Tensor sum = null;
    for (int i = 0; i < out.length; i++) {
      if ((mask >> i & 1) != 0) {
        sum = sum == null ? out[i] : ops.add(ops.scale(sum, -0.5), out[i]);
      }
    }
    return sum;
  }

  private void checkSingle(OpSpec spec, OpSpec.Case c, Arrangement a, SplittableRandom random) {
    SplittableRandom again = Seeds.random("single", random.nextLong());
    long seed = again.nextLong();
    List<double[]> expected =
        numbers(reference, DType.FLOAT64, spec, c, a, new SplittableRandom(seed));
    List<double[]> got = numbers(fast, DType.FLOAT32, spec, c, a, new SplittableRandom(seed));
    for (int i = 0; i < expected.size(); i++) {
      Numeric.assertClose(
          "value or gradient " + i,
          expected.get(i),
          got.get(i),
          Bound.absolute(1e-5).or(Bound.relativeToLargest(2e-5)));
    }
  }

  /** All outputs, then the gradients of all floating operands. */
  private static List<double[]> numbers(
      Engine engine,
      DType type,
      OpSpec spec,
      OpSpec.Case c,
      Arrangement a,
      SplittableRandom random) {
    var numbers = new ArrayList<double[]>();
    try (Workspace ws = engine.workspace("test")) {
      List<Tensor> bases = bases(engine, type, c, a, random);
      Tape tape = engine.tape(ws);
      if (spec.differentiable()) {
        bases.stream().filter(t -> t.dtype().isFloating()).forEach(tape::watch);
      }
      Tensor[] out = c.call().apply(tape.ops(), views(tape.ops(), bases, c, a));
      for (Tensor t : out) {
        numbers.add(t.toDoubleArray());
      }
      if (!spec.differentiable()) {
        return numbers;
      }
      Tensor result = mix(tape.ops(), out, (1 << out.length) - 1);
      Tensor cotangent = engine.zeros(type, result.shape().toArray());
      cotangent.copyFrom(Operand.any().draw(random, result.shape().toArray()));
      Gradients g = tape.backward(result, cotangent);
      for (Tensor t : bases) {
        if (t.dtype().isFloating()) {
          numbers.add(g.of(t).toDoubleArray());
        }
      }
    }
    return numbers;
  }

  private void refused(OpSpec spec, OpSpec.Refusal r) {
    var random = Seeds.random(spec.name(), r.operands().toString());
    var c = new OpSpec.Case(r.call(), in -> List.of(), r.operands());
    for (boolean recording : new boolean[] {false, true}) {
      try (Workspace ws = reference.workspace("test")) {
        List<Tensor> in = bases(reference, DType.FLOAT64, c, Arrangement.PLAIN, random);
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
                        bases(
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

  private static List<Tensor> bases(
      Engine engine, DType type, OpSpec.Case c, Arrangement a, SplittableRandom random) {
    var bases = new ArrayList<Tensor>();
    for (Operand o : c.operands()) {
      long[] shape = a.base(o.shape());
      Tensor t = engine.zeros(o.dtype(type), shape);
      bases.add(t.copyFrom(o.draw(random, shape)));
    }
    return bases;
  }

  private static List<Tensor> views(Ops ops, List<Tensor> bases, OpSpec.Case c, Arrangement a) {
    var views = new ArrayList<Tensor>();
    for (int i = 0; i < bases.size(); i++) {
      views.add(a.view(ops, bases.get(i), c.operands().get(i).shape()));
    }
    return views;
  }

  private static Values values(Tensor t) {
    return Values.of(t.toDoubleArray(), t.shape().toArray());
  }

  private static long[] longs(Values v) {
    return java.util.Arrays.stream(v.shape()).asLongStream().toArray();
  }
}
