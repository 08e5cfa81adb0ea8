package birkhoff.engine.nn;

import birkhoff.engine.rng.Distributions;
import birkhoff.engine.tensor.Tensor;

/** Starting values of a parameter; each element is a function of (seed, stream, index) only. */
@FunctionalInterface
public interface Initializer {
  /** Fills elements {@code [lo, hi)} of contiguous {@code t}; runs on several threads at once. */
  void fill(Tensor t, long seed, long stream, long lo, long hi);

  static Initializer constant(double v) {
    return (t, seed, stream, lo, hi) ->
        Distributions.fillUniform(t.data(), t.dtype(), v, v, seed, stream, lo, hi);
  }

  /** Independent N(0, std²). */
  static Initializer normal(double std) {
    return (t, seed, stream, lo, hi) ->
        Distributions.fillNormal(t.data(), t.dtype(), 0, std, seed, stream, lo, hi);
  }
}
