package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.tests.support.ForcedWidth;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The parity of the kernels for the vector widths that this JVM does not use. */
class ForcedWidthTest {
  static int[] otherWidths() {
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    return Arrays.stream(ForcedWidth.widths())
        .filter(bits -> bits <= widest && bits != Lanes.F.vectorBitSize())
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("otherWidths")
  void kernelsAgreeWithTheScalarOnes(int bits) {
    assertThat(ForcedWidth.run(ForcedWidthTest.class, bits)).contains("all kernels at " + bits);
  }

  @Test
  void anUnknownWidthIsRefused() {
    assertThatThrownBy(() -> ForcedWidth.run(ForcedWidthTest.class, 96))
        .hasMessageContaining("the widths are 64, 128, 256 and 512");
  }

  /** Runs in the child. */
  public static void main(String[] arguments) {
    var elementwise = new ElementwiseParityTest();
    elementwise.unary();
    elementwise.unaryVjp();
    elementwise.binary();
    elementwise.axpby();
    elementwise.copyAndFill();
    var reduction = new ReductionParityTest();
    reduction.wholeSums();
    reduction.specialValues();
    reduction.rows();
    reduction.columns();
    var norm = new NormParityTest();
    norm.layerNorm();
    norm.layerNormVjp();
    norm.rmsNorm();
    norm.rmsNormVjp();
    var softmax = new SoftmaxParityTest();
    softmax.softmaxAndItsLogarithm();
    softmax.specialRows();
    softmax.gradients();
    softmax.crossEntropy();
    var small = new SmallKernelsParityTest();
    small.embedding();
    small.dropout();
    small.dropoutKeepsItsShare();
    small.adamW();
    var decoding = new DecodingParityTest();
    decoding.conversions();
    decoding.products();
    decoding.cachedAttention();
    System.out.println("all kernels at " + Lanes.F.vectorBitSize());
  }
}
