package birkhoff.tests.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.kernel.scalar.ScalarBfloat16;
import birkhoff.engine.kernel.vector.VectorBfloat16;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conversions and functions of bfloat16 numbers with the Vector API against the scalar ones. */
class Bfloat16ParityTest {
  private static final int ALL = 1 << 16;

  // Halves, what lies just beside them, and nothing: every rounding decision.
  private static final int[] LOW = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};

  private final Bfloat16 vector = new VectorBfloat16();
  private final Bfloat16 scalar = new ScalarBfloat16(DType.FLOAT32);

  @Test
  void everyBfloat16IsWidenedAndAddedExactly() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = allPatterns(arena);
      MemorySegment a = arena.allocate(ALL * 4L, 64);
      MemorySegment b = arena.allocate(ALL * 4L, 64);
      vector.widen(x, 0, a, 0, ALL);
      scalar.widen(x, 0, b, 0, ALL);
      MemorySegment u = reversed(arena);
      MemorySegment v = reversed(arena);
      vector.add(x, u, 0, ALL);
      scalar.add(x, v, 0, ALL);
      for (int i = 0; i < ALL; i++) {
        assertSame("widened %x", i, b.getAtIndex(JAVA_FLOAT, i), a.getAtIndex(JAVA_FLOAT, i));
        float sum = DType.fromBfloat16(v.getAtIndex(JAVA_SHORT, i));
        assertSame("sum with %x", i, sum, DType.fromBfloat16(u.getAtIndex(JAVA_SHORT, i)));
      }
    }
  }

  /** Any NaN is as good as another. */
  private static void assertSame(String what, int i, float expected, float got) {
    assertThat(Float.floatToIntBits(got)).as(what, i).isEqualTo(Float.floatToIntBits(expected));
  }

  @Test
  void everyFloatIsRoundedToTheNearestEven() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(ALL * 4L, 64);
      MemorySegment a = arena.allocate(ALL * 2L, 64);
      MemorySegment b = arena.allocate(ALL * 2L, 64);
      for (int low : LOW) {
        for (int i = 0; i < ALL; i++) {
          x.setAtIndex(JAVA_INT, i, i << 16 | low);
        }
        vector.narrow(x, 0, a, 0, ALL);
        scalar.narrow(x, 0, b, 0, ALL);
        assertThat(a.mismatch(b)).as("low half %x", low).isEqualTo(-1);
      }
    }
  }

  @Test
  void offsetsAndTailsTouchNothingElse() {
    try (Arena arena = Arena.ofConfined()) {
      for (int n = 0; n < 70; n++) {
        MemorySegment x = arena.allocate(80 * 4L, 64);
        for (int i = 0; i < 80; i++) {
          x.setAtIndex(JAVA_FLOAT, i, i + 0.3f);
        }
        MemorySegment a = arena.allocate(80 * 2L, 64);
        MemorySegment b = arena.allocate(80 * 2L, 64);
        vector.narrow(x, 3, a, 5, n);
        scalar.narrow(x, 3, b, 5, n);
        assertThat(a.mismatch(b)).as("%d", n).isEqualTo(-1);
        MemorySegment wideA = arena.allocate(80 * 4L, 64);
        MemorySegment wideB = arena.allocate(80 * 4L, 64);
        vector.widen(a, 5, wideA, 7, n);
        scalar.widen(b, 5, wideB, 7, n);
        assertThat(wideA.mismatch(wideB)).as("%d", n).isEqualTo(-1);
      }
    }
  }

  /** Both are the function to float32 accuracy, rounded: one place apart at most. */
  @ParameterizedTest
  @EnumSource(UnaryOp.class)
  void functionsAndGradientsDifferByOnePlaceAtMost(UnaryOp op) {
    SplittableRandom random = Seeds.random("bfloat16 unary", op);
    int n = 1000;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(n * 2L, 64);
      MemorySegment g = arena.allocate(n * 2L, 64);
      boolean positive = op == UnaryOp.LOG || op == UnaryOp.SQRT;
      for (int i = 0; i < n; i++) {
        float v = (float) random.nextDouble(positive ? 0.1 : -4, 4);
        x.setAtIndex(JAVA_SHORT, i, DType.toBfloat16(v));
        g.setAtIndex(JAVA_SHORT, i, DType.toBfloat16(random.nextFloat() - 0.5f));
      }
      MemorySegment a = arena.allocate(n * 2L, 64);
      MemorySegment b = arena.allocate(n * 2L, 64);
      vector.unary(op, x, a, 3, n - 2);
      scalar.unary(op, x, b, 3, n - 2);
      compare(op + "", a, b, n);
      vector.unaryVjp(op, x, g, a, 3, n - 2);
      scalar.unaryVjp(op, x, g, b, 3, n - 2);
      compare(op + " vjp", a, b, n);
    }
  }

  private static void compare(String what, MemorySegment a, MemorySegment b, int n) {
    for (int i = 0; i < n; i++) {
      float got = DType.fromBfloat16(a.getAtIndex(JAVA_SHORT, i));
      float expected = DType.fromBfloat16(b.getAtIndex(JAVA_SHORT, i));
      // Near zero a derivative is a difference of numbers near one.
      double place = Math.max(0x1p-7 * Math.abs(expected), 1e-6);
      assertThat(Math.abs((double) got - expected))
          .as("%s at %d: %s, expected %s", what, i, got, expected)
          .isLessThanOrEqualTo(place);
    }
  }

  private static MemorySegment allPatterns(Arena arena) {
    MemorySegment s = arena.allocate(ALL * 2L, 64);
    for (int i = 0; i < ALL; i++) {
      s.setAtIndex(JAVA_SHORT, i, (short) i);
    }
    return s;
  }

  private static MemorySegment reversed(Arena arena) {
    MemorySegment s = arena.allocate(ALL * 2L, 64);
    for (int i = 0; i < ALL; i++) {
      s.setAtIndex(JAVA_SHORT, i, (short) (i * 40503));
    }
    return s;
  }
}
