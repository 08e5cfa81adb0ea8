package birkhoff.tests.kernels;

import static birkhoff.tests.support.RandomArrays.narrow;
import static birkhoff.tests.support.RandomArrays.normals;
import static birkhoff.tests.support.RandomArrays.widen;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Mixing.GateShape;
import birkhoff.engine.kernel.scalar.ScalarMixing;
import birkhoff.engine.kernel.vector.VectorMixing;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.kernels.MixingRun.StreamSize;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vector kernels against the double reference on the same float32 operands. */
class MixingParityTest {
  private static final MixingRun EXACT =
      new MixingRun(new ScalarMixing(DType.FLOAT64), DType.FLOAT64, 1 << 20);

  private static MixingRun vector(int grain) {
    return new MixingRun(new VectorMixing(), DType.FLOAT32, grain);
  }

  /** Normal numbers that float32 holds exactly, so that both kernels see the same operands. */
  private static double[] draw(SplittableRandom random, int n, double deviation) {
    return widen(narrow(normals(random, n, deviation)));
  }

  private static double[] drawPositive(SplittableRandom random, int n) {
    return widen(narrow(random.doubles(n, .2, 2).toArray()));
  }

  private static double[] abs(double[] values) {
    return Arrays.stream(values).map(Math::abs).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "1,0,1",
    "1,1,17",
    "2,6,16",
    "4,28,33",
    "4,28,64",
    "3,15,100",
    "8,120,15",
    "16,1128,7"
  })
  void gates(int d, int mixer, int tokens) {
    var random = Seeds.random("gates", d, mixer, tokens);
    var shape = new GateShape(d, mixer);
    double[] raw = draw(random, shape.rows() * tokens, 3);
    double[] rrms = drawPositive(random, tokens);
    double[] gate = draw(random, 3, 1);
    double[] bias = draw(random, shape.rows(), 2);
    double[] gmaps = draw(random, raw.length, 1);
    for (int grain : new int[] {1000, 16, 5}) {
      MixingRun run = vector(grain);
      double[] maps = EXACT.gates(shape, raw, rrms, gate, bias);
      Numeric.assertClose(
          "maps",
          maps,
          run.gates(shape, raw, rrms, gate, bias),
          Bound.relative(4e-6).or(Bound.relativeToLargest(4e-7)),
          shape.rows(),
          tokens);
      maps = widen(narrow(maps));
      Map<String, double[]> expected = EXACT.gatesVjp(shape, raw, rrms, gate, maps, gmaps);
      Map<String, double[]> got = run.gatesVjp(shape, raw, rrms, gate, maps, gmaps);
      // Every factor made positive: the sums of magnitudes.
      Map<String, double[]> magnitudes =
          EXACT.gatesVjp(shape, abs(raw), rrms, abs(gate), maps, abs(gmaps));
      int terms = shape.rows() + tokens + 8;
      for (String name : expected.keySet()) {
        Bound bound = Bound.dotProduct(terms, magnitudes.get(name));
        Numeric.assertClose("g" + name, expected.get(name), got.get(name), bound);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "4,3,16",
    "5,4,33",
    "17,8,48",
    "9,7,100",
    "64,36,96",
    "33,12,1536",
    "3,2,200"
  })
  void generator(int tokens, int rows, int inner) {
    var random = Seeds.random("generator", tokens, rows, inner);
    double[] x = draw(random, tokens * inner, 1);
    double[] g = draw(random, rows * inner, 1);
    double[] graw = draw(random, rows * tokens, 1);
    double[] before = draw(random, tokens * inner, 1);
    double[] raw = EXACT.generate(x, g, rows, inner);
    double[] gx = EXACT.generateVjp(graw, g, rows, inner, before);
    double[] sizes = EXACT.generate(abs(x), abs(g), rows, inner);
    double[] weights = draw(random, rows * inner, 1);
    double[] wsizes = EXACT.generatorVjp(abs(graw), abs(x), rows, inner, abs(weights));
    double[] gsizes = EXACT.generateVjp(abs(graw), abs(g), rows, inner, abs(before));
    for (int grain : new int[] {1000, 16, 5}) {
      MixingRun run = vector(grain);
      Bound products = Bound.dotProduct(inner, sizes);
      Numeric.assertClose("raw", raw, run.generate(x, g, rows, inner), products, rows, tokens);
      Numeric.assertClose(
          "gx",
          gx,
          run.generateVjp(graw, g, rows, inner, before),
          Bound.dotProduct(rows + 1, gsizes),
          tokens,
          inner);
      // A token's sums do not depend on the tokens beside it.
      assertThat(run.generate(x, g, rows, inner)).isEqualTo(vector(1).generate(x, g, rows, inner));
      for (double[] add : new double[][] {null, weights}) {
        Numeric.assertClose(
            "generator",
            EXACT.generatorVjp(graw, x, rows, inner, add),
            run.generatorVjp(graw, x, rows, inner, add),
            Bound.dotProduct(tokens + 1, wsizes),
            rows,
            inner);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1", "7,1,5", "17,2,16", "3,3,17", "33,4,64", "5,4,100", "2,4,384", "9,5,31", "4,8,65",
    "2,16,47"
  })
  void streams(int tokens, int d, int width) {
    var random = Seeds.random("streams", tokens, d, width);
    var n = new StreamSize(tokens, d, width);
    double[] x = draw(random, n.streams(), 1);
    double[] pre = drawPositive(random, d * tokens);
    double[] h = drawPositive(random, d * d * tokens);
    double[] post = drawPositive(random, d * tokens);
    double[] f = draw(random, n.branch(), 1);
    double[] gu = draw(random, n.branch(), 1);
    double[] gy = draw(random, n.streams(), 1);
    double[] before = draw(random, n.streams(), 1);
    double[] rrms = drawPositive(random, tokens);
    double[] grrms = draw(random, tokens, 100);
    // Sums of at most max(width, d + 2) products of numbers around 1.
    Bound bound = Bound.relativeToLargest(Bound.gamma(Math.max(width, d + 2)));
    for (int grain : new int[] {1000, 3}) {
      MixingRun run = vector(grain);
      Numeric.assertClose("u", EXACT.read(n, x, pre), run.read(n, x, pre), bound, tokens, width);
      for (double[] add : new double[][] {null, before}) {
        Numeric.assertAllClose(
            EXACT.readVjp(n, x, pre, gu, null, null, add),
            run.readVjp(n, x, pre, gu, null, null, add),
            bound);
        Numeric.assertAllClose(
            EXACT.readVjp(n, x, pre, gu, rrms, grrms, add),
            run.readVjp(n, x, pre, gu, rrms, grrms, add),
            bound);
      }
      Numeric.assertAllClose(
          EXACT.writeVjp(n, x, h, post, f, gy), run.writeVjp(n, x, h, post, f, gy), bound);
      for (double eps : new double[] {-1, 1e-6}) {
        Numeric.assertAllClose(
            EXACT.write(n, x, h, post, f, eps), run.write(n, x, h, post, f, eps), bound);
      }
    }
  }
}
