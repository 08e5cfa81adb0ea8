package birkhoff.transformer.model;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/**
 * Keys of a step's dropout masks: a function of (seed, step, micro-step, place in the model) only.
 */
public final class DropoutKeys {
  /** For inference and evaluation: no dropout. */
  public static final DropoutKeys OFF = new DropoutKeys(0, 0, 0, false);

  private final long base;
  private final boolean on;

  private DropoutKeys(long seed, long step, long micro, boolean on) {
    this.base = mix(mix(mix(seed) + step) + micro);
    this.on = on;
  }

  public static DropoutKeys of(long seed, long step, long micro) {
    return new DropoutKeys(seed, step, micro, true);
  }

  /** The probability to use where the configuration says {@code p}. */
  double rate(double p) {
    return on ? p : 0;
  }

  /** Dropout of {@code x}, which is not used otherwise. */
  Tensor dropout(Ops ops, Tensor x, double p, int place) {
    if (rate(p) == 0) {
      return x;
    }
    Tensor y = ops.dropout(x, p, at(place));
    ops.forget(x);
    return y;
  }

  long at(int place) {
    return mix(base + place);
  }

  /** SplitMix64's finalizer (Steele et al. 2014). */
  private static long mix(long z) {
    long x = z + 0x9e3779b97f4a7c15L;
    x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
    return x ^ (x >>> 31);
  }
}
