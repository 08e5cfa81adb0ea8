package birkhoff.tests.kernels;

import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.kernel.vector.Lanes;
import java.util.List;

/** Checks the vector kernel in a JVM of its own and prints a hash of all the bits it gave. */
final class AttentionWidths {
  private static final List<AttentionShape> SHAPES =
      List.of(
          new AttentionShape(1, 1, 1, 1, 0, 0),
          new AttentionShape(1, 7, 2, 5, 0, 0),
          new AttentionShape(2, 17, 1, 16, 0.3, 9),
          new AttentionShape(1, 65, 1, 48, 0, 0),
          new AttentionShape(1, 100, 1, 80, 0.1, 3));

  private AttentionWidths() {}

  static String hash() {
    long hash = 1;
    for (AttentionShape shape : SHAPES) {
      hash = hash * 31 + VectorAttentionTest.compareWithDouble(shape);
    }
    return Long.toHexString(hash);
  }

  /**
   * @param args one, the number of lanes that this JVM should have
   */
  public static void main(String[] args) {
    if (Lanes.LENGTH != Integer.parseInt(args[0])) {
      throw new AssertionError("expected " + args[0] + " lanes, got " + Lanes.LENGTH);
    }
    System.out.println("hash " + hash());
  }
}
