package birkhoff.tests.kernels;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.vector.Lanes;

/** Parity of the hyper-connection kernels under the vector width of this JVM. */
final class MixingWidths {
  private MixingWidths() {}

  /** Emulated widths are very slow. */
  private static boolean small(MixerShape shape) {
    return shape.d() <= 4 && shape.parameters() <= 28;
  }

  public static void main(String[] args) {
    var parity = new MixingParityTest();
    parity.gates(4, 28, 33);
    parity.gates(1, 1, 17);
    var mixers = new MixersParityTest();
    for (MixerShape shape : MixersParityTest.shapes().filter(MixingWidths::small).toList()) {
      mixers.mix(shape);
    }
    mixers.kronecker(2, 3, 33);
    mixers.skewPart(5, 19);
    parity.generator(9, 7, 100);
    parity.streams(7, 4, 33);
    parity.streams(3, 3, 100);
    parity.streams(2, 1, 5);
    System.out.println("parity holds, " + Lanes.LENGTH + " floats");
  }
}
