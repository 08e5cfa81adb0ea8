package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * One NaN, infinity, negative zero or subnormal number somewhere in an operand: the fast kernels
 * give NaN and infinities, forward and backward, exactly where the scalar ones do.
 */
public class SpecialValuesTest {
  private static final float[] SPECIALS = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    -0f,
    Float.MIN_VALUE,
    -Math.nextDown(Float.MIN_NORMAL)
  };

  /**
   * Where one kernel may have a NaN and the other a number: attention multiplies weights of 0, of
   * later tokens and under dropout, or leaves them out, and elimination meets ∞ - ∞ in another
   * place (Attention and Mixers say so). Numbers are compared where both have one.
   */
  private static final Set<String> SPREADING = Set.of("causalAttention", "cayleyMixer");

  private final Engine scalar =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar"));
  private final Engine fast =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("vector"));

  private int runs;

  @AfterEach
  public void close() {
    scalar.close();
    fast.close();
  }

  @TestFactory
  Stream<DynamicTest> goWhereTheyBelong() {
    return Stream.concat(
        OpSpecs.all().stream().map(s -> dynamicTest(s.name(), () -> everyOperand(s))),
        Stream.of(
            dynamicTest(
                "all of them",
                () -> Campaign.ran("special values", "%d operands with one", runs))));
  }

  /** All of them, in one call. */
  public void all() {
    OpSpecs.all().forEach(this::everyOperand);
  }

  private void everyOperand(OpSpec spec) {
    for (OpSpec.Case c : spec.cases()) {
      for (int operand = 0; operand < c.operands().size(); operand++) {
        Operand o = c.operands().get(operand);
        if (o.fixed() != null || o.count() == 0) {
          continue;
        }
        for (float special : SPECIALS) {
          for (int n = 0; n < Campaign.cases(1); n++) {
            var random = Seeds.random(spec.name(), c.operands().toString(), operand, special, n);
            compare(spec, c, operand, special, random);
            runs++;
          }
        }
      }
    }
  }

  private void compare(
      OpSpec spec, OpSpec.Case c, int operand, float special, SplittableRandom random) {
    long seed = random.nextLong();
    int at = random.nextInt(Math.toIntExact(c.operands().get(operand).count()));
    Consumer<List<Tensor>> spoil =
        in -> {
          float[] values = in.get(operand).toFloatArray();
          values[at] = special;
          in.get(operand).copyFrom(values);
        };
    List<double[]> expected = numbers(scalar, spec, c, seed, spoil);
    List<double[]> got = numbers(fast, spec, c, seed, spoil);
    assertThat(allFinite(got)).isEqualTo(allFinite(expected));
    for (int i = 0; i < expected.size(); i++) {
      if (!Float.isFinite(special) && SPREADING.contains(spec.name())) {
        spread(spec, c, at, expected.get(i), got.get(i));
      }
      Numeric.assertClose(
          String.format(
              Locale.ROOT,
              "%s on %s, %s at %d of operand %d: value or gradient %d",
              spec.name(),
              c.operands(),
              special,
              at,
              operand,
              i),
          expected.get(i),
          got.get(i),
          Bound.absolute(1e-5).or(Bound.relativeToLargest(2e-5)));
    }
  }

  private static boolean allFinite(List<double[]> arrays) {
    return arrays.stream().flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
  }

  /** Only in the sequence or the token's matrix that has the special number. */
  private static void spread(OpSpec spec, OpSpec.Case c, int at, double[] expected, double[] got) {
    long[] shape = c.operands().getFirst().shape();
    long all = c.operands().getFirst().count();
    for (int k = 0; k < expected.length; k++) {
      boolean mine =
          spec.name().equals("causalAttention")
              ? k / (expected.length / shape[0]) == at / (all / shape[0])
              : k % shape[1] == at % shape[1];
      if (mine && (Double.isNaN(got[k]) || Double.isNaN(expected[k]))) {
        got[k] = Double.NaN;
        expected[k] = Double.NaN;
      }
    }
  }

  private static List<double[]> numbers(
      Engine engine, OpSpec spec, OpSpec.Case c, long seed, Consumer<List<Tensor>> spoil) {
    var random = new SplittableRandom(seed);
    return Operands.numbers(engine, DType.FLOAT32, spec, c, Arrangement.PLAIN, random, spoil);
  }
}
