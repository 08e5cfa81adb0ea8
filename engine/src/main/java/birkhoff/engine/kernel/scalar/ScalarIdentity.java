package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.MixerShape;
import java.util.Arrays;

/** The identity; there are no numbers to have a gradient. */
record ScalarIdentity(MixerShape.Identity shape) implements TokenMap {
  @Override
  public void mix(double[] z, double[] h) {
    Arrays.fill(h, 0);
    for (int i = 0; i < shape.d(); i++) {
      h[i * shape.d() + i] = 1;
    }
  }

  @Override
  public void vjp(double[] z, double[] gh, double[] gz) {}
}
