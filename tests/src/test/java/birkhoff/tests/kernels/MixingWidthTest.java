package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.support.ForcedWidth;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MixingWidthTest {
  static int[] widths() {
    return ForcedWidth.widths();
  }

  @ParameterizedTest
  @MethodSource("widths")
  void everyVectorWidthAgreesWithTheScalarKernels(int bits) {
    assertThat(ForcedWidth.run(MixingWidths.class, bits))
        .contains("parity holds, " + bits / 32 + " floats");
  }
}
