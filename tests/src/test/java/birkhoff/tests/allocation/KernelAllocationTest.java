package birkhoff.tests.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.ChildJvm;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A vector that is boxed shows as heap allocation: compiled kernels have none. Each suite has a
 * fresh JVM, as a training run has: what other tests did to the profiles of shared code would
 * decide otherwise.
 */
class KernelAllocationTest {
  @ParameterizedTest
  @EnumSource
  void compiledKernelsDoNotBoxVectors(Suite suite) {
    assertThat(ChildJvm.run(Suite.class, List.of(), suite.name()))
        .contains("bytes per call of those that allocate: {}");
  }
}
