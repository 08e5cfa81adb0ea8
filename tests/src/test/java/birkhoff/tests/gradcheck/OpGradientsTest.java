package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.GradCheck;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.Seeds;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Values of every primitive in double against a formula, and its gradients against difference
 * quotients (1e-7 absolute, 1e-5 relative; the full Jacobian up to 200 elements), on at least
 * twelve layouts of its operands with five seeds each.
 */
class OpGradientsTest {
  private static final int SEEDS = Campaign.cases(5);
  private static final int LAYOUTS = 12;
  private static final int CASES = 2700;

  /** Refuse to be applied to nothing: there is no mean of no rows. */
  private static final Set<String> NEVER_EMPTY = Set.of("crossEntropy", "linearCrossEntropy");

  private final Engine engine =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar").withDebug(true));
  private final Map<String, Set<String>> layouts = new HashMap<>();
  private final Map<String, Set<SizeClass>> sizes = new HashMap<>();
  private long checks;
  private long derivatives;
  private double worst;

  @AfterEach
  void close() {
    engine.close();
  }

  @TestFactory
  Stream<DynamicTest> valuesAndGradientsInDouble() {
    Stream<DynamicTest> each =
        OpSpecs.all().stream().map(spec -> dynamicTest(spec.name(), () -> everyLayout(spec)));
    return Stream.concat(each, Stream.of(dynamicTest("all of them", this::all)));
  }

  private void everyLayout(OpSpec spec) {
    for (OpSpec.Case c : spec.cases()) {
      for (Arrangement a : Arrangement.values()) {
        for (int seed = 0; seed < SEEDS; seed++) {
          try {
            check(spec, c, a, Seeds.random(spec.name(), c.operands().toString(), a, seed));
          } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                spec.name() + " on " + c.operands() + " " + a + ": " + e.getMessage(), e);
          }
        }
      }
    }
    assertThat(layouts.get(spec.name())).as("layouts").hasSizeGreaterThanOrEqualTo(LAYOUTS);
    Set<SizeClass> missing = EnumSet.allOf(SizeClass.class);
    missing.removeAll(sizes.get(spec.name()));
    if (NEVER_EMPTY.contains(spec.name())) {
      missing.remove(SizeClass.ZERO);
    }
    assertThat(missing).as("kinds of sizes that no case of %s has", spec.name()).isEmpty();
  }

  private void all() {
    long distinct = layouts.values().stream().mapToLong(Set::size).sum();
    assertThat(distinct * SEEDS).isGreaterThanOrEqualTo(Campaign.cases(CASES));
    Campaign.ran(
        "gradients of operations",
        "%d operations, %d layouts, %d seeds, %d gradient checks with %d derivatives; largest"
            + " error %.3f of the tolerance",
        layouts.size(),
        distinct,
        SEEDS,
        checks,
        derivatives,
        worst);
  }

  private void check(OpSpec spec, OpSpec.Case c, Arrangement a, SplittableRandom random) {
    try (Workspace ws = engine.workspace("test")) {
      List<Tensor> bases = Operands.bases(engine, DType.FLOAT64, c, a, random);
      Ops ops = engine.ops(ws);
      List<Tensor> in = Operands.views(ops, bases, c, a);
      count(spec, in);
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
        GradCheck.Report report =
            GradCheck.DEFAULT.check(
                engine.execution(ws),
                (o, b) -> Operands.mix(o, c.call().apply(o, Operands.views(o, b, c, a)), chosen),
                bases);
        checks++;
        derivatives += report.derivatives();
        worst = Math.max(worst, report.worst());
      }
    }
  }

  private void count(OpSpec spec, List<Tensor> in) {
    layouts
        .computeIfAbsent(spec.name(), n -> new HashSet<>())
        .add(in.stream().map(t -> t.layout().toString()).toList().toString());
    Set<SizeClass> seen = sizes.computeIfAbsent(spec.name(), n -> EnumSet.noneOf(SizeClass.class));
    in.forEach(t -> SizeClass.of(t.shape()).forEach(seen::add));
  }

  private static Values values(Tensor t) {
    return Values.of(t.toDoubleArray(), t.shape().toArray());
  }

  private static long[] longs(Values v) {
    return Arrays.stream(v.shape()).asLongStream().toArray();
  }
}
