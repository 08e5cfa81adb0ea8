package birkhoff.tests.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.Role;
import birkhoff.engine.profile.simd.SimdCheck;
import birkhoff.tests.support.ChildJvm;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A vector that is boxed shows as heap allocation: compiled kernels have none. Each role has a
 * fresh JVM, as a training run has: what other tests did to the profiles of shared code would
 * decide otherwise.
 */
class KernelAllocationTest {
  private static final String NONE = "kernels; those that allocate: []";

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MIXED_GEMM")
  void compiledKernelsDoNotBoxVectors(Role role) {
    String result = ChildJvm.run(SimdCheck.class, List.of(), role.name());
    assertThat(result).contains(NONE).doesNotContainPattern("\\b0 kernels");
  }
}
