package birkhoff.engine.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Bfloat16 elements as many at a time as {@link Lanes} has floats, in half the bits. */
final class MixedLanes {
  /** Species of the float32 bits. */
  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, Lanes.F.vectorShape());

  /** Species of bfloat16 bits. */
  static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

  /** Bytes of one vector of bfloat16. */
  static final int BYTES = S.length() * Short.BYTES;

  /** Just below half of the last place that is kept. */
  static final int HALF = 0x7fff;

  /** What makes a NaN whose payload is cut off still one. */
  static final int QUIET = 0x40;

  private MixedLanes() {}

  static FloatVector widen(ShortVector v) {
    return ((IntVector) v.convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  /** Nearest, ties to even; NaN stays NaN. */
  static ShortVector narrow(FloatVector v) {
    IntVector bits = v.reinterpretAsInts();
    IntVector high = bits.lanewise(VectorOperators.LSHR, 16);
    IntVector rounded = bits.add(high.and(1)).add(HALF).lanewise(VectorOperators.LSHR, 16);
    VectorMask<Integer> nan = v.compare(VectorOperators.NE, v).cast(I);
    return (ShortVector) rounded.blend(high.or(QUIET), nan).convertShape(VectorOperators.I2S, S, 0);
  }
}
