package birkhoff.transformer.residual;

import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/**
 * The generator's d·d numbers are the matrix: the maps of arXiv 2512.24880 without a constraint.
 * The control that shows what a constraint costs or brings, everything but the mixer being the
 * same; {@code hc} also makes its maps differently.
 */
public record UnconstrainedMixer(int streams) implements Mixer {
  @Override
  public int parameters() {
    return streams * streams;
  }

  @Override
  public Tensor mix(Ops ops, Tensor z) {
    return z;
  }

  /** The identity. */
  @Override
  public Initializer start(int first) {
    return (t, seed, stream, lo, hi) -> {
      long end = first + (long) streams * streams;
      for (long k = Math.max(lo, first); k < Math.min(hi, end); k++) {
        t.set((k - first) % (streams + 1) == 0 ? 1 : 0, k);
      }
    };
  }
}
