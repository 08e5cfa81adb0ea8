package birkhoff.transformer.data;

/**
 * Random numbers as a function of their place: SplitMix64's finaliser (Steele, Lea and Flood 2014)
 * applied to a counter under a key.
 */
final class CounterRandom {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private CounterRandom() {}

  /** 64 uniform bits for (seed, stream, index). */
  static long draw(long seed, long stream, long index) {
    long key = mix(mix(seed + GOLDEN_GAMMA) ^ stream);
    return mix(key + (index + 1) * GOLDEN_GAMMA);
  }

  private static long mix(long z) {
    long x = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
    return x ^ x >>> 31;
  }
}
