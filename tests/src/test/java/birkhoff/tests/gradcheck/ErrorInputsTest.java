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
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Campaign 5: bad operands of every operation, one at a time: of another engine, of a closed one,
 * of another element type, of another rank or size. Each call works or is refused by an exception
 * of ours that names the operation or the tensor; what must not work never does.
 */
class ErrorInputsTest {
  private static final AtomicInteger REFUSED = new AtomicInteger();

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

  @AfterAll
  static void tell() {
    Campaign.ran(
        "error inputs", "%d operations, %d calls refused", OpSpecs.all().size(), REFUSED.get());
  }

  @TestFactory
  Stream<DynamicTest> badOperandsAreRefused() {
    return OpSpecs.all().stream()
        .map(spec -> DynamicTest.dynamicTest(spec.name(), () -> check(spec)));
  }

  private static void check(OpSpec spec) {
    int refused = spec.refusals().size();
    var config = EngineConfig.defaults().withThreads(1).withKernels("scalar");
    try (Engine engine = Engine.create(config);
        Engine other = Engine.create(config)) {
      for (OpSpec.Case c : spec.cases()) {
        for (int place = 0; place < c.operands().size(); place++) {
          for (Wrong wrong : Wrong.values()) {
            Tensor bad = bad(wrong, c.operands().get(place), engine, other);
            if (bad != null && isRefused(spec, c, place, bad, wrong, engine)) {
              refused++;
            }
          }
        }
      }
    }
    REFUSED.addAndGet(refused);
    assertThat(refused).as("refused inputs of " + spec.name()).isGreaterThanOrEqualTo(5);
  }

  private static Tensor bad(Wrong wrong, Operand o, Engine engine, Engine other) {
    long[] shape = o.shape();
    DType type = o.dtype(DType.FLOAT64);
    int last = shape.length - 1;
    return switch (wrong) {
      case FOREIGN -> other.zeros(type, shape);
      case CLOSED -> Tensors.ofClosed(type, shape);
      case INTEGERS -> engine.zeros(type == DType.INT32 ? DType.FLOAT64 : DType.INT32, shape);
      case OTHER_FLOAT -> type == DType.FLOAT64 ? engine.zeros(DType.FLOAT32, shape) : null;
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

  private static boolean isRefused(
      OpSpec spec, OpSpec.Case c, int place, Tensor bad, Wrong wrong, Engine engine) {
    String at = spec.name() + " on " + c.operands() + ", operand " + place + " " + wrong;
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
        assertThat(e.getMessage()).as(at).isNotBlank();
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
