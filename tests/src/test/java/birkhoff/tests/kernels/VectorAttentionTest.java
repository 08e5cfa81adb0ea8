package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.kernel.scalar.ScalarAttention;
import birkhoff.engine.kernel.vector.VectorAttention;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.ForcedWidth;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorAttentionTest {
  private static final Attention VECTOR = new VectorAttention();
  private static final Attention EXACT = new ScalarAttention(DType.FLOAT64);
  private static final int[] HEAD_SIZES = {1, 5, 16, 32, 48, 64, 80};

  /** What a pass of the vector kernel reads and writes. */
  private record Pass(float[] out, float[] lse, float[] gqkv) {}

  private static Pass run(AttentionShape s, float[] qkv, float[] gout, ThreadTeam team) {
    int rows = AttentionReference.rows(s);
    try (var memory = new GuardedMemory()) {
      MemorySegment x = memory.of(qkv);
      MemorySegment g = memory.of(gout);
      MemorySegment out = memory.unwrittenFloats(gout.length);
      MemorySegment lse = memory.unwrittenFloats(rows);
      MemorySegment gqkv = memory.unwrittenFloats(qkv.length);
      int floats = Math.toIntExact(VECTOR.scratchBytes(s) / 4);
      var scratch = new MemorySegment[team.size()];
      for (int k = 0; k < scratch.length; k++) {
        scratch[k] = memory.unwrittenFloats(floats);
      }
      team.run(s.blocks(), (b, w) -> VECTOR.forward(s, x, out, lse, scratch[w], b, b + 1));
      team.run(s.blocks(), (b, w) -> VECTOR.backward(s, x, lse, g, gqkv, scratch[w], b, b + 1));
      return new Pass(
          GuardedMemory.floats(out), GuardedMemory.floats(lse), GuardedMemory.floats(gqkv));
    }
  }

  private static Pass run(AttentionShape s, float[] qkv, float[] gout) {
    try (var team = new ThreadTeam(1, new MemoryLedger())) {
      return run(s, qkv, gout, team);
    }
  }

  private static float[] random(AttentionShape s, String name, int n) {
    return RandomArrays.narrow(
        RandomArrays.normals(Seeds.random(name, s.time(), s.headSize()), n, 1));
  }

  /** Compares with the scalar kernel; returns a hash of the bits. */
  static int compareWithDouble(AttentionShape s) {
    float[] qkv = random(s, "qkv", AttentionReference.inputs(s));
    float[] gout = random(s, "gout", AttentionReference.outputs(s));
    Pass got = run(s, qkv, gout);
    double[] wideQkv = RandomArrays.widen(qkv);
    var lse = new double[AttentionReference.rows(s)];
    double[] out = AttentionReference.forward(EXACT, s, wideQkv, lse);
    double[] gqkv = AttentionReference.backward(EXACT, s, wideQkv, lse, RandomArrays.widen(gout));

    // A score has hd terms of size about 1, its error moves the weight's exponent; T terms add up.
    double error = Bound.gamma(2 * s.headSize() + s.time() + 32);
    Numeric.assertClose("lse of " + s, lse, got.lse, Bound.absolute(error));
    Numeric.assertClose("out of " + s, out, got.out, Bound.absolute(4 * error));
    Numeric.assertClose("gqkv of " + s, gqkv, got.gqkv, Bound.relativeToLargest(4 * error));
    return 31 * (31 * Arrays.hashCode(got.out) + Arrays.hashCode(got.lse))
        + Arrays.hashCode(got.gqkv);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 16, 17, 63, 64, 65, 100, 256})
  void agreesWithTheScalarKernel(int time) {
    for (int headSize : HEAD_SIZES) {
      int heads = time > 64 ? 1 : 3;
      compareWithDouble(new AttentionShape(2, time, heads, headSize, 0, 0));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 17, 64, 65, 130})
  void agreesWithTheScalarKernelUnderDropout(int time) {
    compareWithDouble(new AttentionShape(2, time, 2, 5, 0.25, 0x1234_5678_9abcL));
    compareWithDouble(new AttentionShape(1, time, 2, 64, 0.5, -1));
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256, 512})
  void everyWidthAgreesAndGivesTheSameBits(int bits) {
    String output = ForcedWidth.run(AttentionWidths.class, bits, Integer.toString(bits / 32));
    assertThat(output).contains("hash " + AttentionWidths.hash());
  }

  @Test
  void largeScoresNeitherOverflowNorVanish() {
    var s = new AttentionShape(1, 70, 1, 16, 0, 0);
    float[] qkv = random(s, "large", AttentionReference.inputs(s));
    for (int k = 0; k < qkv.length; k++) {
      qkv[k] *= k % 48 < 32 ? 20 : 1;
    }
    Pass got = run(s, qkv, new float[AttentionReference.outputs(s)]);
    var lse = new double[AttentionReference.rows(s)];
    double[] out = AttentionReference.forward(EXACT, s, RandomArrays.widen(qkv), lse);
    // Scores reach 1e3, so their rounding alone is 1e-4 in the exponent.
    Numeric.assertClose("out", out, got.out, Bound.absolute(1e-2));
    Numeric.assertClose("lse", lse, got.lse, Bound.relativeToLargest(1e-6));
    assertThat(got.gqkv).containsOnly(0f);
  }

  @Test
  void laterTokensHaveNoInfluence() {
    var s = new AttentionShape(1, 130, 1, 32, 0.1, 5);
    float[] qkv = random(s, "causal", AttentionReference.inputs(s));
    float[] gout = new float[AttentionReference.outputs(s)];
    Pass before = run(s, qkv, gout);
    int known = 71;
    for (int k = known * 3 * s.width(); k < qkv.length; k++) {
      qkv[k] = 3 - qkv[k];
    }
    Pass after = run(s, qkv, gout);
    for (int k = 0; k < known * s.width(); k++) {
      assertThat(after.out[k]).isEqualTo(before.out[k]);
    }
  }

  @Test
  void bitsDoNotDependOnTheThreads() {
    for (double dropout : new double[] {0, 0.2}) {
      var s = new AttentionShape(2, 100, 3, 24, dropout, 77);
      float[] qkv = random(s, "threads", AttentionReference.inputs(s));
      float[] gout = random(s, "threads gout", AttentionReference.outputs(s));
      Pass one = run(s, qkv, gout);
      for (int threads = 2; threads <= 4; threads++) {
        try (var team = new ThreadTeam(threads, new MemoryLedger())) {
          for (int repeat = 0; repeat < 10; repeat++) {
            Pass many = run(s, qkv, gout, team);
            Numeric.assertSameBits("out", one.out, many.out);
            Numeric.assertSameBits("lse", one.lse, many.lse);
            Numeric.assertSameBits("gqkv", one.gqkv, many.gqkv);
          }
        }
      }
    }
  }
}
