package birkhoff.transformer.model;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;
import java.util.function.LongSupplier;

/**
 * Keys of dropout masks: a function of (seed, step, micro-step, place in the model) only. Places
 * are handed out once per forward pass and give the key of the position that is current when a mask
 * is made. Not thread-safe: the thread that runs the step moves the position.
 */
public sealed interface DropoutKeys {
  /** For inference and evaluation: no dropout. */
  DropoutKeys OFF = new Off();

  /** The probability to use where the configuration says {@code p}. */
  double rate(double p);

  /** The key of a place, at the position of the moment. */
  LongSupplier at(int place);

  /** No dropout. */
  record Off() implements DropoutKeys {
    @Override
    public double rate(double p) {
      return 0;
    }

    @Override
    public LongSupplier at(int place) {
      return () -> 0;
    }
  }

  /** Dropout of {@code x}, which is not used otherwise. */
  default Tensor dropout(Ops ops, Tensor x, double p, int place) {
    if (rate(p) == 0) {
      return x;
    }
    Tensor y = ops.dropout(x, p, at(place));
    ops.forget(x);
    return y;
  }

  /** The keys of training. */
  final class Training implements DropoutKeys {
    private final long seed;
    private long base;

    /** Keys of a seed, at step 0. */
    public Training(long seed) {
      this.seed = seed;
      moveTo(0, 0);
    }

    /** From now on the keys of this step and micro-step, both counted from 0. */
    public void moveTo(long step, long micro) {
      base = mix(mix(mix(seed) + step) + micro);
    }

    @Override
    public double rate(double p) {
      return p;
    }

    @Override
    public LongSupplier at(int place) {
      return () -> mix(base + place);
    }

    /** SplitMix64's finalizer (Steele et al. 2014). */
    private static long mix(long z) {
      long x = z + 0x9e3779b97f4a7c15L;
      x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
      x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
      return x ^ (x >>> 31);
    }
  }
}
