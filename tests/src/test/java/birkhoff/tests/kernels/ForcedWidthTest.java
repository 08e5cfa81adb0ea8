package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.tests.gradcheck.SpecialValuesTest;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.ForcedWidth;
import birkhoff.tests.support.Numeric;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The parity of all kernels with the scalar ones, at every vector width that this machine has. */
class ForcedWidthTest {
  private static final long COMPARISONS = 2000;
  private static final Pattern COUNT = Pattern.compile("all kernels: (\\d+) comparisons");

  static int[] widths() {
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    return Arrays.stream(ForcedWidth.widths()).filter(bits -> bits <= widest).toArray();
  }

  @ParameterizedTest
  @MethodSource("widths")
  void kernelsAgreeWithTheScalarOnes(int bits) {
    Matcher count = COUNT.matcher(ForcedWidth.run(ForcedWidthTest.class, bits));
    assertThat(count.find()).isTrue();
    long comparisons = Long.parseLong(count.group(1));
    assertThat(comparisons).isGreaterThanOrEqualTo(COMPARISONS);
    Campaign.ran("kernels", "%d bits, %d comparisons with scalar ones", bits, comparisons);
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
    var attention = new VectorAttentionTest();
    for (int time : Campaign.sizes("attention", 1, 17, 65)) {
      attention.agreesWithTheScalarKernel(time);
      attention.agreesWithTheScalarKernelUnderDropout(time);
    }
    var special = new SpecialValuesTest();
    special.all();
    special.close();
    System.out.println("all kernels: " + Numeric.comparisons() + " comparisons");
  }
}
