package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.MixerShape;

/** One token's matrix and its closed-form backward, in plain arrays of double. Not thread-safe. */
interface TokenMap {
  /** {@code h[d·d]} from {@code z[P]}. */
  void mix(double[] z, double[] h);

  /** {@code gz[P]} from {@code gh[d·d]}, at z. */
  void vjp(double[] z, double[] gh, double[] gz);

  static TokenMap of(MixerShape shape) {
    return switch (shape) {
      case MixerShape.Cayley s -> new ScalarCayley(s);
      case MixerShape.Permutations s -> new ScalarPermutations(s);
      case MixerShape.Sinkhorn s -> new ScalarSinkhorn(s);
      case MixerShape.Identity s -> new ScalarIdentity(s);
    };
  }
}
