package birkhoff.tests.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The helpers fail when they should: a check that cannot fail would make every other test lie. */
class SupportTest {
  private static final double[] SIX = {1, 2, 3, 4, 5, 6};

  @Test
  void worstElementIsNamedWithItsIndexAndTheSeed() {
    double[] got = {1, 2.5, 3, 4, 6, 6};
    assertThatThrownBy(() -> Numeric.assertClose("dq", SIX, got, Bound.absolute(0.1), 2, 3))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "dq[1, 1] of [2, 3]: expected 5.0, got 6.0; error 1.00, bound 0.100;"
                + " 2 of 6 are off, this is the worst (seed "
                + Seeds.base()
                + ")");
    assertThatCode(() -> Numeric.assertClose("dq", SIX, got, Bound.absolute(1)))
        .doesNotThrowAnyException();
  }

  @Test
  void boundsDiffer() {
    double[] expected = {1000, 1};
    double[] got = {1000, 1.01};
    assertThatCode(() -> Numeric.assertClose("g", expected, got, Bound.relativeToLargest(1e-4)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Numeric.assertClose("g", expected, got, Bound.relative(1e-4)))
        .hasMessageContaining("g[1]");
    Bound either = Bound.relative(1e-4).or(Bound.absolute(0.02));
    assertThatCode(() -> Numeric.assertClose("g", expected, got, either))
        .doesNotThrowAnyException();
  }

  @Test
  void nonFiniteValuesOnlyEqualThemselves() {
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    Bound wide = Bound.relative(1e9);
    assertThatCode(() -> Numeric.assertClose("x", nan, nan, wide)).doesNotThrowAnyException();
    assertThatCode(() -> Numeric.assertClose("x", infinity, infinity, wide))
        .doesNotThrowAnyException();
    for (double[] pair :
        new double[][] {
          {nan, 1}, {1, nan}, {1, infinity}, {-infinity, infinity}, {nan, infinity}
        }) {
      assertThatThrownBy(() -> Numeric.assertClose("x", pair[0], pair[1], wide))
          .as("%s against %s", pair[0], pair[1])
          .isInstanceOf(AssertionError.class);
    }
    assertThatThrownBy(() -> Numeric.assertClose("x", infinity, 1, Bound.absolute(1e300)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void lengthsMustAgree() {
    assertThatThrownBy(() -> Numeric.assertClose("x", SIX, new double[5], Bound.absolute(9)))
        .hasMessage("x: expected 6 numbers, got 5");
  }

  @Test
  void ulpsAreThoseOfFloat() {
    for (float value : new float[] {1, 1.5f, 1e-20f, 3e38f, 1e-40f, Float.MIN_VALUE}) {
      assertThat(Bound.ulp(value)).isEqualTo(Math.ulp(value));
      float next = Math.nextUp(value);
      assertThat(Numeric.largestUlps(new double[] {value}, new float[] {next})).isEqualTo(1);
    }
    assertThat(Bound.ulp(0)).isEqualTo(Float.MIN_VALUE);
    assertThat(Numeric.largestUlps(new double[] {1}, new float[] {Float.NaN})).isNaN();
    float[] twoUp = {Math.nextUp(Math.nextUp(1f))};
    assertThatThrownBy(() -> Numeric.assertClose("x", new double[] {1}, twoUp, Bound.ulps(1.9)))
        .hasMessageContaining("x[0]");
  }

  @Test
  void dotProductBoundHoldsAndIsNotLoose() {
    int terms = 257;
    var random = Seeds.random("dotProductBound");
    float[] a = RandomArrays.floats(random, terms, 1);
    float[] b = RandomArrays.floats(random, terms, 1);
    float sum = 0;
    double exact = 0;
    double magnitude = 0;
    for (int k = 0; k < terms; k++) {
      sum += a[k] * b[k];
      exact += (double) a[k] * b[k];
      magnitude += Math.abs((double) a[k] * b[k]);
    }
    Bound bound = Bound.dotProduct(terms, new double[] {magnitude});
    Numeric.assertClose("dot", exact, sum, bound);
    double wrong = sum + 0.01;
    double right = exact;
    assertThatThrownBy(() -> Numeric.assertClose("dot", right, wrong, bound))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void bitsSeeTheSignOfZero() {
    assertThatThrownBy(() -> Numeric.assertSameBits("x", new float[] {1, 0f}, new float[] {1, -0f}))
        .hasMessageContaining("x[1]: expected 0.0 (0x00000000), got -0.0 (0x80000000); 1 of 2");
    assertThatCode(
            () -> Numeric.assertSameBits("x", new float[] {Float.NaN}, new float[] {Float.NaN}))
        .doesNotThrowAnyException();
  }

  @Test
  void mapsReportEveryTensor() {
    Map<String, double[]> expected = Map.of("a", SIX, "b", SIX, "c", SIX);
    Map<String, double[]> got = Map.of("a", new double[6], "b", SIX, "d", SIX);
    assertThatThrownBy(() -> Numeric.assertAllClose(expected, got, Bound.absolute(0.1)))
        .hasMessageStartingWith("3 tensors are off")
        .hasMessageContainingAll("a[5]", "c is missing", "d is not expected");
  }

  @Test
  void guardsCatchStrayWrites() {
    try (var memory = new GuardedMemory()) {
      MemorySegment segment = memory.of(1f, 2f, 3f);
      assertThat(segment.address() % 64).isZero();
      assertThat(GuardedMemory.floats(segment)).containsExactly(1, 2, 3);
      assertThat(GuardedMemory.floats(memory.unwrittenFloats(2))).containsOnly(Float.NaN);
      assertThat(GuardedMemory.doubles(memory.of(0.5))).containsExactly(0.5);
      assertThat(GuardedMemory.ints(memory.of(7, 8))).containsExactly(7, 8);
    }
    for (long offset : new long[] {-4, 12, 72}) {
      var memory = new GuardedMemory();
      MemorySegment segment = memory.of(1f, 2f, 3f);
      // As native code would: from the bare address.
      MemorySegment around = MemorySegment.ofAddress(segment.address() - 64).reinterpret(140);
      around.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 64 + offset, 9f);
      assertThatThrownBy(memory::close).hasMessageContaining("stray write at byte " + offset);
    }
  }

  @Test
  void seedsDependOnTheKeyAlone() {
    long first = Seeds.random("gemm", 3, new int[] {4, 5}).nextLong();
    assertThat(Seeds.random("gemm", 3, new int[] {4, 5}).nextLong()).isEqualTo(first);
    assertThat(Seeds.random("gemm", 3, new int[] {4, 6}).nextLong()).isNotEqualTo(first);
    assertThat(Replay.command("birkhoff.tests.GemmTest", "odd"))
        .contains("-Dtest='birkhoff.tests.GemmTest#odd'")
        .endsWith("-Dbirkhoff.seed=" + Seeds.base());
  }

  @Test
  void randomArraysStayInTheirRanges() {
    var random = Seeds.random("ranges");
    for (int token : RandomArrays.tokens(random, 1000, 7)) {
      assertThat(token).isBetween(0, 6);
    }
    for (float value : RandomArrays.floats(random, 1000, 2)) {
      assertThat(value).isBetween(-2f, 2f);
    }
    for (float value : RandomArrays.anyFiniteFloats(random, 1000)) {
      assertThat(value).isFinite();
    }
    assertThat(RandomArrays.floatsWithEdges(random, 1000, 1)).contains(Float.MAX_VALUE, 0f);
    assertThat(RandomArrays.finiteEdges()).doesNotContain(RandomArrays.nonFinite());
    assertThat(RandomArrays.oddSizes()).isSorted();
  }
}
