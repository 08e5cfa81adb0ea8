package birkhoff.engine.kernel;

import birkhoff.engine.error.ShapeException;

/**
 * A map from {@code P} numbers of a token to a {@code d×d} matrix that mixes residual streams. The
 * list of the maps that kernels know; each is a differentiable operation through {@code MixerMap}.
 */
public sealed interface MixerShape {
  /** The operation's name in messages and profiles. */
  String name();

  /** d, residual streams. */
  int d();

  /** P, numbers per token. */
  int parameters();

  /** Tokens that kept numbers are rounded up to. */
  int KEPT_TOKENS = 16;

  /**
   * Float32 numbers that a map found on its way and can leave for its backward pass; 0 when there
   * is nothing worth it.
   */
  default long kept(long tokens) {
    return 0;
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new ShapeException(message);
    }
  }

  /**
   * Generalized orthostochastic matrices, equations (7)–(10) of arXiv 2604.02309: the numbers are
   * the row-major strict upper triangle of a skew-symmetric matrix A of size {@code n = d·s}, and
   * {@code H_ij = ‖block_ij((I-A)(I+A)^{-1})‖²/s}. Doubly stochastic for all numbers.
   *
   * @param s block size
   */
  record Cayley(int d, int s) implements MixerShape {
    public Cayley {
      check(
          d >= 1 && s >= 1 && (long) d * s <= 1 << 10,
          "cayleyMixer: d="
              + d
              + " streams with block size s="
              + s
              + "; 1 <= d*s <= 1024 is needed");
    }

    @Override
    public String name() {
      return "cayleyMixer";
    }

    /** Size of A. */
    public int n() {
      return d * s;
    }

    @Override
    public int parameters() {
      return n() * (n() - 1) / 2;
    }

    /** The inverse of I + A, rounded, with a column of padding. */
    @Override
    public long kept(long tokens) {
      long padded = (tokens + KEPT_TOKENS - 1) / KEPT_TOKENS * KEPT_TOKENS;
      return padded * n() * (n() + 1);
    }
  }

  /**
   * Mixtures of permutation matrices (arXiv 2601.05732): {@code H = Σ_k softmax(z)_k P_k} over all
   * d! permutations in lexicographic order, the identity first; {@code P_k} has its ones at {@code
   * (i, p_k(i))}. Doubly stochastic for all numbers.
   */
  record Permutations(int d) implements MixerShape {
    /** 8! would be 40,320 numbers per token. */
    public static final int MOST_STREAMS = 7;

    public Permutations {
      check(
          d >= 1 && d <= MOST_STREAMS,
          "permutationMixer: d="
              + d
              + " streams; 1 <= d <= "
              + MOST_STREAMS
              + " is needed, because there are d! permutations");
    }

    @Override
    public String name() {
      return "permutationMixer";
    }

    @Override
    public int parameters() {
      int all = 1;
      for (int i = 2; i <= d; i++) {
        all *= i;
      }
      return all;
    }
  }

  /**
   * Sinkhorn-Knopp (arXiv 2512.24880): {@code M₀ = exp(Z)} for the row-major d×d numbers Z, then
   * {@code iterations} times columns and then rows divided by their sums. Rows of the result sum to
   * 1; columns only in the limit.
   */
  record Sinkhorn(int d, int iterations) implements MixerShape {
    public Sinkhorn {
      check(
          d >= 1 && d <= 1 << 8 && iterations >= 1 && iterations <= 1 << 12,
          "sinkhornMixer: d="
              + d
              + " streams and "
              + iterations
              + " iterations; 1 <= d <= 256 and 1 <= iterations <= 4096 is needed");
    }

    @Override
    public String name() {
      return "sinkhornMixer";
    }

    @Override
    public int parameters() {
      return d * d;
    }
  }

  /** The identity, whatever the token. It has no numbers. */
  record Identity(int d) implements MixerShape {
    public Identity {
      check(d >= 1 && d <= 1 << 10, "identityMixer: d=" + d + " streams; 1 <= d <= 1024 is needed");
    }

    @Override
    public String name() {
      return "identityMixer";
    }

    @Override
    public int parameters() {
      return 0;
    }
  }
}
