package birkhoff.transformer.residual;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.Kronecker;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * Kronecker products of smaller mixers (arXiv 2601.21579; with generalized orthostochastic factors
 * arXiv 2604.02309, section 4.1.2). The generator's numbers of the factors follow each other.
 *
 * @param factors at least one; the first has the slowest index
 */
public record KroneckerMixer(List<Mixer> factors) implements Mixer {
  /** Copies the factors. */
  public KroneckerMixer {
    factors = List.copyOf(factors);
    if (factors.isEmpty()) {
      throw new IllegalArgumentException("a Kronecker product needs a factor");
    }
  }

  /**
   * The product of a mixer for each size.
   *
   * @throws IllegalArgumentException when the sizes do not multiply to the streams
   */
  static KroneckerMixer of(
      ResidualConfig config, List<Integer> preferred, IntFunction<Mixer> factor) {
    List<Integer> sizes = config.factors().isEmpty() ? preferred : config.factors();
    long product = sizes.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    if (product != config.streams() || sizes.stream().anyMatch(n -> n < 1)) {
      throw new IllegalArgumentException(
          "hyper_conn_factors="
              + text(sizes)
              + " must be positive sizes whose product is hyper_conn_n="
              + config.streams()
              + ", such as "
              + text(preferred));
    }
    return new KroneckerMixer(sizes.stream().map(factor::apply).toList());
  }

  private static String text(List<Integer> sizes) {
    return sizes.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  /** The prime factors of d, ascending; 1 for d = 1. */
  static List<Integer> primes(int d) {
    var all = new ArrayList<Integer>();
    int rest = d;
    for (int p = 2; rest > 1; p++) {
      for (; rest % p == 0; rest /= p) {
        all.add(p);
      }
    }
    return all.isEmpty() ? List.of(1) : all;
  }

  /** The two factors of d that are closest to its root, the larger first. */
  static List<Integer> halves(int d) {
    int small = (int) Math.sqrt(d);
    while (d % small != 0) {
      small--;
    }
    return small == 1 ? List.of(d) : List.of(d / small, small);
  }

  /** Refuses more streams than permutations can be listed for, saying why. */
  static void checkPermutations(String what, int d) {
    int most = MixerShape.Permutations.MOST_STREAMS;
    if (d > most) {
      throw new IllegalArgumentException(
          what
              + " mixes all permutations of "
              + d
              + " streams, and there are "
              + d
              + "! of them, each with a number per token; at most "
              + most
              + " streams are possible: take go_mhc, or kromhc with factors up to "
              + most);
    }
  }

  @Override
  public int streams() {
    return factors.stream().mapToInt(Mixer::streams).reduce(1, (a, b) -> a * b);
  }

  @Override
  public int parameters() {
    return factors.stream().mapToInt(Mixer::parameters).sum();
  }

  @Override
  public Tensor mix(Ops ops, Tensor z) {
    Tensor product = null;
    int size = 1;
    long from = 0;
    for (Mixer factor : factors) {
      Tensor own = ops.slice(z, 0, from, from + factor.parameters());
      from += factor.parameters();
      Tensor h = factor.mix(ops, own);
      product =
          product == null ? h : ops.apply(new Kronecker(size, factor.streams()), product, h)[0];
      size *= factor.streams();
    }
    return product;
  }

  @Override
  public Initializer start(int first) {
    return (t, seed, stream, lo, hi) -> {
      int from = first;
      for (Mixer factor : factors) {
        int end = from + factor.parameters();
        if (from < hi && lo < end) {
          factor.start(from).fill(t, seed, stream, Math.max(lo, from), Math.min(hi, end));
        }
        from = end;
      }
    };
  }
}
