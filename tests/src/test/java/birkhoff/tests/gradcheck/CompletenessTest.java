package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.scalar.ScalarProvider;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.DType;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Nothing is left out: a primitive without a line in {@link OpSpecs} fails here. */
class CompletenessTest {
  private static final Pattern DOCUMENTED =
      Pattern.compile("\\*/\n(@.*\n)*(public )?(final )?(class|record) ");

  @Test
  void everyPrimitiveHasASpec() {
    Set<String> tested = new HashSet<>();
    OpSpecs.all().forEach(s -> tested.add(s.primitive().getName()));
    // Rounding to bfloat16 has no finite differences; these are compared with their float64 twins.
    MixedCases.all().forEach(c -> tested.add(c.primitive().getName()));
    List<String> primitives =
        new ClassFileImporter()
            .importPackages("birkhoff.engine.op").stream()
                .filter(c -> c.isAssignableTo(Primitive.class) && !c.isInterface())
                .map(JavaClass::getName)
                .toList();
    assertThat(primitives).hasSizeGreaterThan(20).doesNotHaveDuplicates();
    assertThat(tested).containsExactlyInAnyOrderElementsOf(primitives);
  }

  @Test
  void everySpecHasARefusalAndUniqueName() {
    assertThat(OpSpecs.all()).extracting(OpSpec::name).doesNotHaveDuplicates();
    assertThat(OpSpecs.all())
        .filteredOn(s -> s.refusals().isEmpty())
        .extracting(OpSpec::name)
        // A copy of anything can be made.
        .containsExactly("contiguous");
  }

  @Test
  void everyPrimitiveSaysWhatItIs() throws IOException {
    List<String> silent = new ArrayList<>();
    for (OpSpec spec : OpSpecs.all()) {
      String path = spec.primitive().getName().replace('.', '/') + ".java";
      String source =
          Files.readString(
              Path.of(System.getProperty("birkhoff.root", ""), "engine/src/main/java", path));
      if (!DOCUMENTED.matcher(source).find()) {
        silent.add(spec.primitive().getName());
      }
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void everyRoleHasAScalarKernel() {
    var scalar = new ScalarProvider();
    for (Role role : Role.values()) {
      for (DType type : role.dtypes()) {
        assertThat(scalar.kernel(role, type)).as("%s %s", role, type).isPresent();
        assertThat(scalar.kernel(role, type).orElseThrow()).isInstanceOf(role.type());
      }
      assertThat(scalar.kernel(role, DType.INT32)).isEmpty();
    }
  }
}
