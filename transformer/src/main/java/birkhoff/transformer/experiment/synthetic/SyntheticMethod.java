package birkhoff.transformer.experiment.synthetic;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.transformer.residual.ResidualConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The methods that are compared, and for which d each can run: another one is a line here. */
enum SyntheticMethod {
  /** The subject of the paper. */
  GO_MHC("go_mhc") {
    @Override
    List<SyntheticCase> cases(SyntheticSettings settings, int d) {
      return skewed(settings, ResidualConfig.of(label(), d));
    }
  },
  /** All d! permutations; the paper stops where they become too many. */
  MHC_LITE("mhc_lite") {
    @Override
    List<SyntheticCase> cases(SyntheticSettings settings, int d) {
      return d < MixerShape.Permutations.MOST_STREAMS
          ? List.of(SyntheticCase.of(ResidualConfig.of(label(), d), settings.seed()))
          : List.of();
    }
  },
  /** Equal factors only, as in the paper. */
  KROMHC("kromhc") {
    @Override
    List<SyntheticCase> cases(SyntheticSettings settings, int d) {
      List<SyntheticCase> cases = new ArrayList<>();
      for (int factor : settings.factors()) {
        int count = logarithm(factor, d);
        if (count > 0 && factor <= MixerShape.Permutations.MOST_STREAMS) {
          List<Integer> sizes = Collections.nCopies(count, factor);
          cases.add(
              SyntheticCase.of(ResidualConfig.of(label(), d).withFactors(sizes), settings.seed()));
        }
      }
      return cases;
    }
  },
  /** Sinkhorn-Knopp. */
  MHC("mhc") {
    @Override
    List<SyntheticCase> cases(SyntheticSettings settings, int d) {
      return List.of(SyntheticCase.of(ResidualConfig.of(label(), d), settings.seed()));
    }
  },
  /** Two generalized orthostochastic factors, where d is a product. */
  GO_KROMHC("go_kromhc") {
    @Override
    List<SyntheticCase> cases(SyntheticSettings settings, int d) {
      int small = (int) Math.sqrt(d);
      while (d % small != 0) {
        small--;
      }
      List<Integer> sizes = List.of(d / small, small);
      return small == 1
          ? List.of()
          : skewed(settings, ResidualConfig.of(label(), d).withFactors(sizes));
    }
  };

  private final String label;

  SyntheticMethod(String label) {
    this.label = label;
  }

  /** The curves of this method for d streams; none where it cannot run. */
  abstract List<SyntheticCase> cases(SyntheticSettings settings, int d);

  /** The name in options and results, that of {@code hyper_conn_type}. */
  final String label() {
    return label;
  }

  /** Whether it has a block size and a skew-symmetric matrix. */
  final boolean hasBlockSize() {
    return this == GO_MHC || this == GO_KROMHC;
  }

  static SyntheticMethod of(String label) {
    return Arrays.stream(values()).filter(m -> m.label.equals(label)).findFirst().orElseThrow();
  }

  static List<String> names() {
    return Arrays.stream(values()).map(SyntheticMethod::label).toList();
  }

  private static List<SyntheticCase> skewed(SyntheticSettings settings, ResidualConfig config) {
    List<SyntheticCase> cases = new ArrayList<>();
    for (int s : settings.blockSizes()) {
      for (String skew : settings.skews()) {
        boolean full = skew.equals(SyntheticSettings.FULL);
        cases.add(
            new SyntheticCase(
                config.withBlockSize(s).withFullSkew(full), s, skew, settings.seed()));
      }
    }
    return cases;
  }

  /** k for {@code d = base^k}; 0 when d is no power. */
  private static int logarithm(int base, int d) {
    int k = 0;
    int rest = d;
    for (; rest % base == 0; rest /= base) {
      k++;
    }
    return rest == 1 ? k : 0;
  }
}
