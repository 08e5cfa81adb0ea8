package birkhoff.engine.kernel.vector;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code x = x·a + b} on independent registers, which converges to 2; runs only as a {@link
 * Specialized} copy, whose species is a constant for the compiler.
 */
final class FmaChains implements FmaLoop {
  @SuppressWarnings("unchecked")
  private static final VectorSpecies<Float> S =
      (VectorSpecies<Float>) Specialized.data(MethodHandles.lookup(), VectorSpecies.class);

  FmaChains() {}

  @Override
  public float run(int iterations, float start) {
    FloatVector a = FloatVector.broadcast(S, 0.5f);
    FloatVector b = FloatVector.broadcast(S, 1f);
    FloatVector x0 = b.mul(start + 0);
    FloatVector x1 = b.mul(start + 1);
    FloatVector x2 = b.mul(start + 2);
    FloatVector x3 = b.mul(start + 3);
    FloatVector x4 = b.mul(start + 4);
    FloatVector x5 = b.mul(start + 5);
    FloatVector x6 = b.mul(start + 6);
    FloatVector x7 = b.mul(start + 7);
    FloatVector x8 = b.mul(start + 8);
    FloatVector x9 = b.mul(start + 9);
    FloatVector x10 = b.mul(start + 10);
    FloatVector x11 = b.mul(start + 11);
    for (int i = 0; i < iterations; i++) {
      x0 = x0.fma(a, b);
      x1 = x1.fma(a, b);
      x2 = x2.fma(a, b);
      x3 = x3.fma(a, b);
      x4 = x4.fma(a, b);
      x5 = x5.fma(a, b);
      x6 = x6.fma(a, b);
      x7 = x7.fma(a, b);
      x8 = x8.fma(a, b);
      x9 = x9.fma(a, b);
      x10 = x10.fma(a, b);
      x11 = x11.fma(a, b);
    }
    FloatVector low = x0.add(x1).add(x2.add(x3)).add(x4.add(x5));
    FloatVector high = x6.add(x7).add(x8.add(x9)).add(x10.add(x11));
    float[] lanes = low.add(high).toArray();
    float sum = 0;
    for (float lane : lanes) {
      sum += lane;
    }
    return sum;
  }
}
