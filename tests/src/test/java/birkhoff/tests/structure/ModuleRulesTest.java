package birkhoff.tests.structure;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Dependencies run one way, between modules and between packages. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModuleRulesTest {
  private final JavaClasses shipped = Modules.all();

  @Test
  void theEngineNeedsNothingButTheJdk() {
    classes()
        .that()
        .resideInAPackage("birkhoff.engine..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "birkhoff.engine..",
            "java..",
            "jdk.incubator.vector..",
            "jdk.jfr..",
            "com.sun.management..")
        .check(shipped);
  }

  @Test
  void nativeKernelsKnowTheEngineOnly() {
    noClasses()
        .that()
        .resideInAPackage("birkhoff.ffi..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("birkhoff.transformer..")
        .check(shipped);
  }

  @Test
  void nobodyNamesTheNativeKernels() {
    noClasses()
        .that()
        .resideOutsideOfPackage("birkhoff.ffi..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("birkhoff.ffi..")
        .because("they are found through ServiceLoader")
        .check(shipped);
  }

  @Test
  void generatedBindingsAreCalledInTheirNeighbourhoodOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages("birkhoff.ffi.openblas..", "birkhoff.ffi.onednn..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("..gen..")
        .because("nothing reaches native code unchecked")
        .check(shipped);
  }

  @Test
  void kernelsKnowMemoryAndNothingAbove() {
    noClasses()
        .that()
        .resideInAPackage("birkhoff.engine.kernel..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "birkhoff.engine",
            "birkhoff.engine.autograd..",
            "birkhoff.engine.op..",
            "birkhoff.engine.nn..",
            "birkhoff.engine.optim..")
        .check(shipped);
  }

  @Test
  void tensorsKnowNoOperations() {
    noClasses()
        .that()
        .resideInAnyPackage("birkhoff.engine.tensor..", "birkhoff.engine.memory..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "birkhoff.engine.autograd..",
            "birkhoff.engine.op..",
            "birkhoff.engine.nn..",
            "birkhoff.engine.optim..")
        .check(shipped);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("birkhoff.(**)").should().beFreeOfCycles().check(shipped);
  }

  @Test
  void moduleDescriptorsSayTheSame() throws IOException {
    assertThat(requires("engine"))
        .isSubsetOf("java.base", "jdk.incubator.vector", "jdk.jfr", "jdk.management")
        .contains("jdk.incubator.vector");
    assertThat(requires("ffi")).contains("birkhoff.engine").doesNotContain("birkhoff.transformer");
    assertThat(requires("transformer")).contains("birkhoff.engine").doesNotContain("birkhoff.ffi");
  }

  @Test
  void everyModuleHasClasses() {
    for (String module : Modules.SHIPPED) {
      assertThat(Modules.of(List.of(module))).as(module).isNotEmpty();
    }
  }

  private static Set<String> requires(String module) throws IOException {
    try (InputStream in =
        Files.newInputStream(Modules.classes(module).resolve("module-info.class"))) {
      return ModuleDescriptor.read(in).requires().stream()
          .map(ModuleDescriptor.Requires::name)
          .collect(Collectors.toSet());
    }
  }
}
