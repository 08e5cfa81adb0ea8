package birkhoff.tests.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.scalar.ScalarProvider;
import birkhoff.engine.kernel.vector.VectorProvider;
import birkhoff.engine.profile.simd.KernelCase;
import birkhoff.engine.profile.simd.KernelCases;
import birkhoff.engine.profile.simd.SimdCheck;
import birkhoff.engine.profile.simd.SimdReport;
import birkhoff.engine.profile.simd.SimdRow;
import birkhoff.tests.support.ChildJvm;
import birkhoff.transformer.cli.Main;
import java.lang.foreign.Arena;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimdCheckTest {
  private static final String SOME = "those that allocate: [SimdRow[role=OPTIMIZER, name=adamW";

  /** Methods that compute nothing. */
  private static final Set<String> SIZES = Set.of("scratchBytes");

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MIXED_GEMM")
  void everyKernelMethodIsOnTheList(Role role) {
    Set<String> methods =
        Arrays.stream(role.type().getDeclaredMethods())
            .filter(m -> Modifier.isAbstract(m.getModifiers()))
            .map(Method::getName)
            .filter(name -> !SIZES.contains(name))
            .collect(Collectors.toSet());
    try (Arena arena = Arena.ofConfined()) {
      List<KernelCase> vector = KernelCases.of(new VectorProvider(), role, arena);
      List<KernelCase> scalar = KernelCases.of(new ScalarProvider(), role, arena);
      assertThat(vector.stream().map(KernelCase::method).collect(Collectors.toSet()))
          .as("methods of %s in birkhoff.engine.profile.simd.KernelCases", role)
          .isEqualTo(methods);
      assertThat(vector.stream().map(KernelCase::name)).doesNotHaveDuplicates();
      assertThat(scalar.stream().map(KernelCase::name))
          .containsExactlyElementsOf(vector.stream().map(KernelCase::name).toList());
      vector.forEach(c -> c.call().run());
    }
  }

  @Test
  void anEmulatedWidthIsNamedAsTheCause() {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"));
    String out =
        ChildJvm.run(
            SimdCheck.class,
            List.of("-XX:UseAVX=2", "-Dbirkhoff.vector.bits=512"),
            Role.OPTIMIZER.name());
    assertThat(out).contains("emulated width", "512", "256 bits", "UseAVX=2", SOME);
  }

  @Test
  void aJvmWithoutC2IsNamedAsTheCause() {
    String out =
        ChildJvm.run(SimdCheck.class, List.of("-XX:TieredStopAtLevel=1"), Role.OPTIMIZER.name());
    assertThat(out).contains("C2 is off (-XX:TieredStopAtLevel=1)", SOME);
  }

  @Test
  void anInterpreterIsNamedAsTheCause() {
    String out = ChildJvm.run(SimdCheck.class, List.of("-Xint"), Role.OPTIMIZER.name());
    assertThat(out).contains("the JIT is off", SOME);
  }

  @Test
  void aMissingModuleIsNamedAsTheCause() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SimdCheck.class.getName())
            .redirectErrorStream(true)
            .start();
    String out = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(out).isZero();
    assertThat(out).contains("--add-modules jdk.incubator.vector", "0 kernels");
  }

  @Test
  void theCommandSaysItWithItsExitCode() {
    String passed = ChildJvm.run(Main.class, List.of(), "profile", "--check-simd=optimizer");
    assertThat(passed).contains("adamW", "2 of 2 kernels").doesNotContain("warning");
    assertThatThrownBy(() ->
            ChildJvm.run(
                Main.class,
                List.of("-XX:TieredStopAtLevel=1"),
                "profile",
                "--check-simd=optimizer",
                "--json"))
        .hasMessageContaining("exit code 1")
        .hasMessageContaining("\"passed\":false")
        .hasMessageContaining("C2 is off");
    assertThatThrownBy(() -> ChildJvm.run(Main.class, List.of(), "profile", "--check-simd=gem"))
        .hasMessageContaining("exit code 2")
        .hasMessageContaining("no kernel role 'gem'");
  }

  @Test
  void boxingAndSlownessAreSuspect() {
    var good = new SimdRow(Role.LOSS, "good", 0, 10, 100);
    var equal = new SimdRow(Role.LOSS, "equal", 0, 100, 90);
    var slow = new SimdRow(Role.LOSS, "slow", 0, 300, 100);
    var boxes = new SimdRow(Role.LOSS, "boxes", 64, 10, 100);
    var plan = new SimdRow(Role.GEMM, "plan", 300, 10, 100);
    assertThat(new SimdReport(512, 512, List.of(), List.of(good, equal, plan)).passed()).isTrue();
    var bad = new SimdReport(512, 512, List.of(), List.of(good, slow, boxes));
    assertThat(bad.suspects()).containsExactly(slow, boxes);
    assertThat(bad.warnings()).hasSize(2);
    assertThat(bad.warnings().getFirst()).contains("inlining", "loss boxes").doesNotContain("slow");
    assertThat(bad.warnings().getLast()).endsWith("loss slow");
    assertThat(new SimdReport(512, 256, List.of("why"), List.of(good)).passed()).isFalse();
  }
}
