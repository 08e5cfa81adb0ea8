package birkhoff.tests.structure;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.vector.FmaLoop;
import birkhoff.engine.kernel.vector.Lanes;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Calls whose result or effect the design rules out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BannedCallsTest {
  private static final Set<String> MAY_EXIT =
      Set.of(
          "birkhoff.transformer.Start",
          "birkhoff.transformer.ChildProcess",
          "birkhoff.transformer.cli.Main");

  /** Operators that the JVM maps to SVML or to Java, by platform, width and compiler. */
  private static final Set<String> TRANSCENDENTAL =
      Set.of(
          "EXP", "EXPM1", "LOG", "LOG10", "LOG1P", "SIN", "COS", "TAN", "SINH", "COSH", "TANH",
          "ASIN", "ACOS", "ATAN", "ATAN2", "POW", "CBRT", "HYPOT");

  private final JavaClasses shipped = Modules.all();

  @Test
  void onlyTheLauncherExits() {
    noClasses()
        .that(
            DescribedPredicate.describe(
                "are not the launcher", c -> !MAY_EXIT.contains(c.getName())))
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(shipped);
  }

  @Test
  void noInternalsOfTheJdk() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("sun.misc..", "sun.nio..", "jdk.internal..")
                .and(
                    DescribedPredicate.describe(
                        "are not the signal handler that jdk.unsupported exports",
                        (JavaClass c) -> !c.getName().startsWith("sun.misc.Signal"))))
        .check(shipped);
  }

  @Test
  void noTranscendentalLanewiseOperators() {
    noClasses()
        .should()
        .accessFieldWhere(
            DescribedPredicate.describe(
                "is a transcendental operator",
                (JavaFieldAccess a) ->
                    a.getTargetOwner().getName().equals(VectorOperators.class.getName())
                        && TRANSCENDENTAL.contains(a.getTarget().getName())))
        .because("their bits depend on platform, width and compilation: use FastMath")
        .check(shipped);
  }

  @Test
  void noSumsInUndefinedOrder() throws IOException {
    assertThat(BytecodeRules.unorderedReductions(Modules.classFiles()))
        .as("reduceLanes(ADD or MUL) on floats: store the lanes and add in a fixed tree")
        .isEmpty();
  }

  @Test
  void anUnorderedSumIsFound() throws IOException {
    assertThat(BytecodeRules.unorderedReductions(BytecodeRules.fileOf(Offender.class)))
        .containsExactly(
            Offender.class.getName() + ".sum: ADD", Offender.class.getName() + ".any: unknown");
  }

  @Test
  void noVectorCrossesACall() throws IOException {
    assertThat(BytecodeRules.vectorCalls(Modules.classFiles()))
        .as("a vector that crosses a call is boxed unless the JIT happens to inline the call")
        .isEmpty();
  }

  @Test
  void aVectorThatCrossesACallIsFound() throws IOException {
    assertThat(BytecodeRules.vectorCalls(BytecodeRules.fileOf(Offender.class)))
        .containsExactly(Offender.class.getName() + ".twice: sum");
  }

  @Test
  void noVectorIsCarriedByTwoNestedLoops() throws IOException {
    assertThat(VectorLoops.carriedByNests(Modules.classFiles()))
        .as("C2 learns the class of such a vector too late, and may box it in every turn")
        .isEmpty();
  }

  @Test
  void aVectorThatTwoNestedLoopsCarryIsFound() throws IOException {
    assertThat(VectorLoops.carriedByNests(BytecodeRules.fileOf(Offender.class)))
        .containsExactly(Offender.class.getName() + ".nest");
  }

  @Test
  void vectorsThatLoopsCarryAreArguments() throws IOException {
    assertThat(CarriedReceivers.in(Modules.classFiles()))
        .as("C2 does not know the class of such a vector, and calls its methods by their profile")
        .isEmpty();
  }

  @Test
  void anOperationOfACarriedVectorIsFound() throws IOException {
    assertThat(CarriedReceivers.in(BytecodeRules.fileOf(Offender.class)))
        .containsExactly(
            Offender.class.getName() + ".copied: mul", Offender.class.getName() + ".nest: add");
  }

  @Test
  void floatVectorsHaveOneWidth() throws Exception {
    List<Path> classFiles =
        Modules.classFiles().stream()
            // A probe of any width, only ever loaded as a copy.
            .filter(f -> !f.endsWith("FmaChains.class"))
            .toList();
    assertThat(VectorWidths.others(classFiles))
        .as("with a second class of float vectors C2 may box those it cannot tell apart")
        .isEmpty();
  }

  @Test
  void anotherWidthIsFound() throws Exception {
    assertThat(VectorWidths.others(BytecodeRules.fileOf(Offender.class)))
        .containsExactly(Offender.class.getName() + ".OTHER: " + Offender.OTHER.vectorBitSize());
  }

  @Test
  void widthsAreChosenInOnePlace() {
    Set<String> choose = Set.of(Lanes.class.getName(), FmaLoop.class.getName());
    noClasses()
        .that(
            DescribedPredicate.describe(
                "do not choose the width", c -> !choose.contains(c.getName())))
        .should()
        .accessFieldWhere(
            DescribedPredicate.describe(
                "is a width of float vectors",
                (JavaFieldAccess a) ->
                    a.getTargetOwner().getName().equals(FloatVector.class.getName())
                        && a.getTarget().getName().matches("SPECIES_[0-9]+")))
        .check(shipped);
  }

  /** Breaks the rules, to show that the scan sees it; never run. */
  static final class Offender {
    static final VectorSpecies<Float> OTHER =
        Lanes.LENGTH == 2 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_64;

    static float sum(FloatVector v) {
      return v.reduceLanes(VectorOperators.ADD);
    }

    static float twice(FloatVector v) {
      return 2 * sum(v);
    }

    static float max(FloatVector v) {
      return v.reduceLanes(VectorOperators.MAX);
    }

    static void nest(FloatVector v, float[] out, int n) {
      for (int i = 0; i < n; i++) {
        FloatVector inside = v;
        for (int k = 0; k < n; k++) {
          inside = inside.add(v);
        }
        inside.intoArray(out, 0);
      }
      FloatVector outside = v;
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
          outside = outside.add(v);
        }
      }
      outside.intoArray(out, 0);
    }

    /** As the build inlines a method: with a copy of the argument; {@code v} may be called. */
    static void copied(FloatVector v, float[] out, int n) {
      FloatVector product = v;
      for (int i = 0; i < n; i++) {
        FloatVector argument = product;
        product = v.add(argument.mul(v));
      }
      product.intoArray(out, 0);
    }

    static float any(FloatVector v, VectorOperators.Associative op) {
      return v.reduceLanes(op);
    }
  }
}
