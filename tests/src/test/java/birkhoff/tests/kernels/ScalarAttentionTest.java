package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.kernel.scalar.ScalarAttention;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.golden.GoldenAttention;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ScalarAttentionTest {
  private static final Attention KERNEL = new ScalarAttention(DType.FLOAT64);
  private static final List<AttentionShape> SHAPES =
      List.of(
          new AttentionShape(1, 1, 1, 1, 0, 0),
          new AttentionShape(2, 7, 3, 5, 0, 0),
          new AttentionShape(2, 6, 2, 3, 0.3, 11),
          new AttentionShape(1, 70, 2, 4, 0.5, -7));

  private static double[] random(AttentionShape s, String name, int n) {
    return RandomArrays.normals(Seeds.random(name, s.time(), s.headSize()), n, 1);
  }

  @Test
  void forwardIsTheSoftmaxMatrixTimesTheValues() {
    for (AttentionShape s : SHAPES) {
      double[] qkv = random(s, "qkv", AttentionReference.inputs(s));
      var lse = new double[AttentionReference.rows(s)];
      double[] out = AttentionReference.forward(KERNEL, s, qkv, lse);
      Numeric.assertClose(
          "out of " + s, AttentionReference.forward(s, qkv), out, Bound.relativeToLargest(1e-14));
      assertThat(lse[0]).isCloseTo(firstScore(s, qkv), within(1e-14));
    }
  }

  private static double firstScore(AttentionShape s, double[] qkv) {
    double dot = 0;
    for (int d = 0; d < s.headSize(); d++) {
      dot += qkv[d] * qkv[s.width() + d];
    }
    return dot / Math.sqrt(s.headSize());
  }

  private static Offset<Double> within(double error) {
    return Offset.offset(error);
  }

  @Test
  void backwardAgreesWithAnIndependentOne() {
    for (AttentionShape s : SHAPES) {
      if (s.dropout() > 0) {
        continue;
      }
      double[] qkv = random(s, "qkv", AttentionReference.inputs(s));
      double[] gout = random(s, "gout", AttentionReference.outputs(s));
      var lse = new double[AttentionReference.rows(s)];
      AttentionReference.forward(KERNEL, s, qkv, lse);
      Numeric.assertClose(
          "gqkv of " + s,
          GoldenAttention.backward(gout, qkv, s.batch(), s.time(), s.heads(), s.width()),
          AttentionReference.backward(KERNEL, s, qkv, lse, gout),
          Bound.relativeToLargest(1e-13));
    }
  }

  @Test
  void backwardAgreesWithFiniteDifferences() {
    for (AttentionShape s : SHAPES.subList(0, 3)) {
      double[] qkv = random(s, "qkv", AttentionReference.inputs(s));
      double[] gout = random(s, "gout", AttentionReference.outputs(s));
      var lse = new double[AttentionReference.rows(s)];
      AttentionReference.forward(KERNEL, s, qkv, lse);
      double[] gqkv = AttentionReference.backward(KERNEL, s, qkv, lse, gout);
      var expected = new double[qkv.length];
      double step = 1e-5;
      for (int k = 0; k < qkv.length; k++) {
        double x = qkv[k];
        qkv[k] = x + step;
        double above = dot(AttentionReference.forward(s, qkv), gout);
        qkv[k] = x - step;
        double below = dot(AttentionReference.forward(s, qkv), gout);
        qkv[k] = x;
        expected[k] = (above - below) / (2 * step);
      }
      // Truncation step²·f‴/6 and cancellation ε·|f|/step, each about 1e-10.
      Numeric.assertClose("gqkv of " + s, expected, gqkv, Bound.absolute(2e-9));
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  @Test
  void laterTokensHaveNoInfluence() {
    var s = new AttentionShape(1, 9, 2, 4, 0.2, 3);
    double[] qkv = random(s, "qkv", AttentionReference.inputs(s));
    var lse = new double[AttentionReference.rows(s)];
    double[] before = AttentionReference.forward(KERNEL, s, qkv, lse);
    int known = 5;
    for (int k = known * 3 * s.width(); k < qkv.length; k++) {
      qkv[k] = -3 * qkv[k] + 1;
    }
    double[] after = AttentionReference.forward(KERNEL, s, qkv, lse);
    for (int k = 0; k < before.length; k++) {
      if (k < known * s.width()) {
        assertThat(after[k]).isEqualTo(before[k]);
      } else {
        assertThat(after[k]).isNotEqualTo(before[k]);
      }
    }
  }

  @Test
  void largeScoresDoNotOverflow() {
    var s = new AttentionShape(1, 3, 1, 1, 0, 0);
    double[] qkv = {1000, 1, 5, 1000, 1, 6, 1000, 3, 7};
    var lse = new double[3];
    double[] out = AttentionReference.forward(KERNEL, s, qkv, lse);
    assertThat(out).containsExactly(5, 5.5, 7);
    assertThat(lse).containsExactly(1000, 1000 + Math.log(2), 3000);
  }

  @Test
  void impossibleShapesAreRefused() {
    assertThatThrownBy(() -> new AttentionShape(1, 2, 3, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("head size 0");
    assertThatThrownBy(() -> new AttentionShape(1, 2, 3, 4, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dropout 1.0 is not in [0, 1)");
  }
}
