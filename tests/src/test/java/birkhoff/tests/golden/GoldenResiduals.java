package birkhoff.tests.golden;

import birkhoff.transformer.residual.ResidualConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The oracle's residual for a configuration of ours: where the two vocabularies meet. */
final class GoldenResiduals {
  private GoldenResiduals() {}

  /** Every kind, and every choice that changes what it computes. */
  static List<ResidualConfig> all() {
    return List.of(
        ResidualConfig.NONE,
        ResidualConfig.of("hc", 2),
        ResidualConfig.of("hc", 4),
        ResidualConfig.of("identity", 3),
        ResidualConfig.of("unconstrained", 4),
        ResidualConfig.of("mhc", 4),
        ResidualConfig.of("mhc_lite", 3),
        ResidualConfig.of("kromhc", 4),
        ResidualConfig.of("kromhc", 6),
        ResidualConfig.goMhc(2, 1),
        ResidualConfig.goMhc(4, 2),
        ResidualConfig.goMhc(2, 2).withFullSkew(true),
        ResidualConfig.goMhc(3, 2).withGuard(0.5),
        ResidualConfig.goMhc(2, 2).withGuard(2).withFullSkew(true),
        ResidualConfig.of("go_kromhc", 4),
        ResidualConfig.of("go_kromhc", 6).withFactors(List.of(2, 3)),
        ResidualConfig.of("hc", 2).withMeanCollapse(true),
        ResidualConfig.goMhc(2, 2).withMeanCollapse(true));
  }

  static GoldenResidual of(ResidualConfig c) {
    int d = c.streams();
    return switch (c.type()) {
      case "none" -> new GoldenResidual.Plain();
      case "hc" -> new GoldenResidual.PerStream(d, c.meanCollapse());
      case "identity" -> generated(c, new GoldenMaps.Identity(d));
      case "unconstrained" -> generated(c, new GoldenMaps.Unconstrained(d));
      case "mhc" -> generated(c, new GoldenMaps.Sinkhorn(d, c.iterations()));
      case "mhc_lite" -> generated(c, new GoldenMaps.Permutations(d));
      case "kromhc" -> generated(c, product(c, primes(d), GoldenMaps.Permutations::new));
      case "go_mhc" -> generated(c, cayley(c, d));
      // The two factors closest to the root of 4, 6 or 8, the larger first.
      case "go_kromhc" -> generated(c, product(c, List.of(d / 2, 2), n -> cayley(c, n)));
      default -> throw new IllegalArgumentException(c.type());
    };
  }

  private static GoldenResidual generated(ResidualConfig c, GoldenMap map) {
    return new GoldenResidual.Generated(map, c.meanCollapse());
  }

  /** The prime factors of d, ascending. */
  private static List<Integer> primes(int d) {
    List<Integer> all = new ArrayList<>();
    int rest = d;
    for (int p = 2; rest > 1; p++) {
      for (; rest % p == 0; rest /= p) {
        all.add(p);
      }
    }
    return all;
  }

  private static GoldenMap cayley(ResidualConfig c, int d) {
    GoldenMap map = new GoldenMaps.Cayley(d, c.blockSize());
    GoldenMap kept = c.guard() > 0 ? new GoldenMaps.Guarded(map, c.guard()) : map;
    return c.fullSkew() ? new GoldenMaps.FullSkew(kept, d * c.blockSize()) : kept;
  }

  private static GoldenMap product(
      ResidualConfig c, List<Integer> preferred, IntFunction<GoldenMap> factor) {
    List<Integer> sizes = c.factors().isEmpty() ? preferred : c.factors();
    GoldenMap product = factor.apply(sizes.getFirst());
    for (int n : sizes.subList(1, sizes.size())) {
      product = new GoldenMaps.Kronecker(product, factor.apply(n));
    }
    return product;
  }
}
