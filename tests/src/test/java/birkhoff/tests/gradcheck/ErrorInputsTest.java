package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Campaign 5: bad operands of every operation, one at a time: of another engine, of a closed one,
 * of another element type, of another rank or size. Each call works or is refused by an exception
 * of ours that names the operation; what must not work never does.
 */
class ErrorInputsTest {
  private static final AtomicInteger REFUSED = new AtomicInteger();

  /** Other names in errors: what calls are made of, and what the type of an operand decides. */
  private static final Map<String, List<String>> ALSO =
      Map.of(
          "slice", List.of("mul"),
          "contiguous", List.of("transpose"),
          "matmul", List.of("transpose"),
          "wideningLinear", List.of("linear"),
          "mixedAttention", List.of("causalAttention"),
          "mixed",
              List.of(
                  "mixed_gelu_tanh",
                  "mixed_gelu_erf",
                  "mixed_tanh",
                  "mixed_neg",
                  "gelu_tanh",
                  "gelu_erf",
                  "tanh",
                  "neg"));

  /** What is wrong with an operand. */
  private enum Wrong {
    FOREIGN(true),
    CLOSED(true),
    INTEGERS(false),
    OTHER_FLOAT(false),
    ONE_MORE_AXIS(false),
    ONE_LESS_AXIS(false),
    LONGER(false),
    EMPTY(false);

    private final boolean never;

    Wrong(boolean never) {
      this.never = never;
    }
  }

  /** A call that works, and its operands. */
  private record Good(OpSpec.Call call, List<Operand> operands) {}

  /**
   * @param name as in errors
   * @param refusals that other tests check
   */
  private record Subject(String name, int refusals, List<Good> calls) {}

  private static List<Subject> subjects() {
    List<Subject> all = new ArrayList<>();
    for (OpSpec spec : OpSpecs.all()) {
      List<Good> calls = spec.cases().stream().map(c -> new Good(c.call(), c.operands())).toList();
      all.add(new Subject(spec.name(), spec.refusals().size(), calls));
    }
    MixedCases.all().stream()
        .collect(Collectors.groupingBy(MixedCases.Case::primitive, Collectors.toList()))
        .values()
        .forEach(cases -> {
          String name = cases.getFirst().name().replaceFirst(" .*", "");
          List<Good> calls =
              cases.stream()
                  .map(c ->
                      new Good(
                          (ops, in) -> c.mixed().apply(ops, in, c.shadowed() ? in.getLast() : null),
                          c.operands()))
                  .toList();
          all.add(new Subject(name, 0, calls));
        });
    return all;
  }

  @AfterAll
  static void tell() {
    Campaign.ran(
        "error inputs", "%d operations, %d calls refused", subjects().size(), REFUSED.get());
  }

  @TestFactory
  Stream<DynamicTest> badOperandsAreRefused() {
    return subjects().stream()
        .map(subject -> DynamicTest.dynamicTest(subject.name(), () -> check(subject)));
  }

  private static void check(Subject subject) {
    int refused = subject.refusals();
    var config = EngineConfig.defaults().withThreads(1).withKernels("scalar");
    try (Engine engine = Engine.create(config);
        Engine other = Engine.create(config)) {
      for (Good c : subject.calls()) {
        for (int place = 0; place < c.operands().size(); place++) {
          for (Wrong wrong : Wrong.values()) {
            Tensor bad = bad(wrong, c.operands().get(place), engine, other);
            if (bad != null && isRefused(subject, c, place, bad, wrong, engine)) {
              refused++;
            }
          }
        }
      }
    }
    REFUSED.addAndGet(refused);
    assertThat(refused).as("refused inputs of " + subject.name()).isGreaterThanOrEqualTo(5);
  }

  private static Tensor bad(Wrong wrong, Operand o, Engine engine, Engine other) {
    long[] shape = o.shape();
    DType type = o.dtype(DType.FLOAT64);
    int last = shape.length - 1;
    return switch (wrong) {
      case FOREIGN -> other.zeros(type, shape);
      case CLOSED -> Tensors.ofClosed(type, shape);
      case INTEGERS -> engine.zeros(type == DType.INT32 ? DType.FLOAT64 : DType.INT32, shape);
      case OTHER_FLOAT ->
          type == DType.INT32
              ? null
              : engine.zeros(type == DType.FLOAT64 ? DType.FLOAT32 : DType.FLOAT64, shape);
      case ONE_MORE_AXIS -> {
        long[] more = new long[shape.length + 1];
        more[0] = 3;
        System.arraycopy(shape, 0, more, 1, shape.length);
        yield engine.zeros(type, more);
      }
      case ONE_LESS_AXIS ->
          shape.length < 2 ? null : engine.zeros(type, Arrays.copyOfRange(shape, 1, shape.length));
      case LONGER, EMPTY -> {
        if (last < 0) {
          yield null;
        }
        long[] changed = shape.clone();
        changed[last] = wrong == Wrong.EMPTY ? 0 : shape[last] + 1;
        yield engine.zeros(type, changed);
      }
    };
  }

  private static Stream<String> names(Subject subject) {
    return Stream.concat(
        Stream.of(subject.name()), ALSO.getOrDefault(subject.name(), List.of()).stream());
  }

  private static boolean isRefused(
      Subject subject, Good c, int place, Tensor bad, Wrong wrong, Engine engine) {
    String at = subject.name() + " on " + c.operands() + ", operand " + place + " " + wrong;
    SplittableRandom random = Seeds.random("error inputs", at);
    try (Workspace ws = engine.workspace("test")) {
      List<Tensor> in = new ArrayList<>();
      for (Operand o : c.operands()) {
        Tensor t = engine.zeros(o.dtype(DType.FLOAT64), o.shape());
        in.add(t.copyFrom(o.draw(random, o.shape())));
      }
      in.set(place, bad);
      Ops ops = engine.ops(ws);
      Tensor[] out;
      try {
        out = c.call().apply(ops, in);
      } catch (BirkhoffException e) {
        assertThat(names(subject))
            .as("%s: %s", at, e.getMessage())
            .anyMatch(name -> e.getMessage().startsWith(name + ":"));
        return true;
      } catch (RuntimeException e) {
        throw new AssertionError(at + ": " + e, e);
      }
      // Dropout that drops nothing is no operation at all.
      boolean untouched = Arrays.asList(out).contains(bad);
      assertThat(wrong.never && !untouched).as(at + " was accepted").isFalse();
      return false;
    }
  }

  /** Tensors whose engine is closed. */
  private static final class Tensors {
    private Tensors() {}

    static Tensor ofClosed(DType type, long... shape) {
      try (Engine engine = Engine.create(EngineConfig.defaults().withThreads(1))) {
        return engine.zeros(type, shape);
      }
    }
  }
}
