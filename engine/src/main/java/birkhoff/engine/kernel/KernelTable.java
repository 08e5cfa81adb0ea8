package birkhoff.engine.kernel;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ProviderUnavailableException;
import birkhoff.engine.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The kernel chosen for every role and type, with the reason. Immutable and thread-safe; made once
 * per engine.
 */
public final class KernelTable {
  /** Let every role take the available provider of the highest priority. */
  public static final String AUTO = "auto";

  private static final String REFERENCE = "scalar";

  private final Map<Role, Object> float32 = new EnumMap<>(Role.class);
  private final Map<Role, Object> float64 = new EnumMap<>(Role.class);
  private final Map<Role, Object> bfloat16 = new EnumMap<>(Role.class);
  private final Map<Role, String> reasons = new EnumMap<>(Role.class);
  private final Map<Role, String> names = new EnumMap<>(Role.class);
  private final Map<String, Probe> probes = new LinkedHashMap<>();

  /**
   * Chooses among the providers that {@link ServiceLoader} finds.
   *
   * @param wanted {@link #AUTO} or a provider's name; the named one is then first for every role
   *     that it serves, and providers of higher priority are not used
   * @throws ProviderUnavailableException when the named provider is unknown or cannot serve, or a
   *     library that the user named cannot be used
   */
  public static KernelTable resolve(String wanted, KernelOptions options) {
    var providers = new ArrayList<KernelProvider>();
    ServiceLoader.load(KernelProvider.class, KernelProvider.class.getClassLoader())
        .forEach(providers::add);
    return resolve(wanted, options, providers);
  }

  /** Chooses among {@code providers}. */
  public static KernelTable resolve(
      String wanted, KernelOptions options, List<KernelProvider> providers) {
    var sorted = new ArrayList<>(providers);
    sorted.sort(Comparator.comparingInt((KernelProvider p) -> p.priority()).reversed());
    if (!wanted.equals(AUTO)) {
      KernelProvider named =
          sorted.stream()
              .filter(p -> p.name().equals(wanted))
              .findFirst()
              .orElseThrow(() ->
                  new ProviderUnavailableException(
                      "kernels: no provider '"
                          + wanted
                          + "'; known are auto and "
                          + providers.stream().map(KernelProvider::name).toList()));
      // OpenBLAS serves products only; the rest then comes from the next best, not from scalar.
      if (named.kernel(Role.ELEMENTWISE, DType.FLOAT32).isPresent()) {
        sorted.removeIf(p -> p.priority() > named.priority());
      }
    }
    var table = new KernelTable();
    var available = new ArrayList<KernelProvider>();
    for (KernelProvider p : sorted) {
      if (!p.isWanted(options) && !p.name().equals(wanted)) {
        continue;
      }
      Probe probe = p.probe(options);
      table.probes.put(p.name(), probe);
      if (!probe.available()) {
        if (p.name().equals(wanted)) {
          throw new ProviderUnavailableException(
              "kernels="
                  + wanted
                  + " cannot serve: "
                  + probe.detail()
                  + "; use kernels=auto or mend the cause");
        }
        if (probe.refused()) {
          throw new ProviderUnavailableException(
              p.name()
                  + " cannot use what was asked for: "
                  + probe.detail()
                  + "; correct the name or leave it out");
        }
        continue;
      }
      available.add(p);
      for (Role role : Role.values()) {
        p.kernel(role, DType.FLOAT64).ifPresent(k -> table.float64.putIfAbsent(role, k));
        DType shown = role.dtypes().getFirst();
        p.kernel(role, shown)
            .filter(k -> !withheld(role, p, wanted) && table.of(shown).putIfAbsent(role, k) == null)
            .ifPresent(k -> {
              table.reasons.put(role, p.name() + " (" + probe.detail() + ")");
              table.names.put(role, p.name());
            });
      }
    }
    for (Role role : Role.values()) {
      if (role != Role.MIXED_GEMM
          && !role.dtypes().stream().allMatch(t -> table.of(t).containsKey(role))) {
        throw new ProviderUnavailableException(
            "kernels: no provider serves " + role + "; is birkhoff-engine whole?");
      }
    }
    if (wanted.equals(AUTO)) {
      table.float32.put(Role.GEMM, byShape(available, DType.FLOAT32));
      table.float64.put(Role.GEMM, byShape(available, DType.FLOAT64));
      for (KernelProvider p : available) {
        if (!p.preference().isEmpty() && !table.names.get(Role.GEMM).equals(p.name())) {
          table.reasons.merge(
              Role.GEMM, "; " + p.name() + " for " + p.preference(), String::concat);
        }
      }
    }
    return table;
  }

  /** With the reference product a step would take hours and look like one that hangs. */
  private static boolean withheld(Role role, KernelProvider p, String wanted) {
    return role == Role.MIXED_GEMM && p.name().equals(REFERENCE) && !wanted.equals(REFERENCE);
  }

  private static Gemm byShape(List<KernelProvider> available, DType dtype) {
    var candidates = new ArrayList<GemmByShape.Candidate>();
    for (KernelProvider p : available) {
      p.kernel(Role.GEMM, dtype)
          .ifPresent(k -> candidates.add(new GemmByShape.Candidate(p, (Gemm) k)));
    }
    return candidates.size() == 1
        ? candidates.getFirst().kernel()
        : new GemmByShape(candidates, dtype);
  }

  private KernelTable() {}

  private Map<Role, Object> of(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> float32;
      case FLOAT64 -> float64;
      case BFLOAT16 -> bfloat16;
      case INT32 -> Map.of();
    };
  }

  private <K> K get(Role role, DType dtype, Class<K> type) {
    if (!role.dtypes().contains(dtype)) {
      throw new DTypeException(
          role.name().toLowerCase(Locale.ROOT)
              + ": "
              + dtype.name().toLowerCase(Locale.ROOT)
              + " has no arithmetic kernels");
    }
    return type.cast(of(dtype).get(role));
  }

  public Gemm gemm(DType t) {
    return get(Role.GEMM, t, Gemm.class);
  }

  /** The name of the provider that multiplies float32 matrices of this shape. */
  public String gemmProvider(GemmShape shape) {
    return gemm(DType.FLOAT32) instanceof GemmByShape choice
        ? choice.provider(shape)
        : names.get(Role.GEMM);
  }

  public Elementwise elementwise(DType t) {
    return get(Role.ELEMENTWISE, t, Elementwise.class);
  }

  public Reduction reduction(DType t) {
    return get(Role.REDUCTION, t, Reduction.class);
  }

  public Normalization normalization(DType t) {
    return get(Role.NORMALIZATION, t, Normalization.class);
  }

  public Attention attention(DType t) {
    return get(Role.ATTENTION, t, Attention.class);
  }

  public Loss loss(DType t) {
    return get(Role.LOSS, t, Loss.class);
  }

  public Embedding embedding(DType t) {
    return get(Role.EMBEDDING, t, Embedding.class);
  }

  public RandomMask random(DType t) {
    return get(Role.RANDOM, t, RandomMask.class);
  }

  public Mixing mixing(DType t) {
    return get(Role.MIXING, t, Mixing.class);
  }

  public Mixers mixers(DType t) {
    return get(Role.MIXERS, t, Mixers.class);
  }

  public Bfloat16 bfloat16(DType t) {
    return get(Role.BFLOAT16, t, Bfloat16.class);
  }

  public OptimizerStep optimizer(DType t) {
    return get(Role.OPTIMIZER, t, OptimizerStep.class);
  }

  /**
   * Products of bfloat16 matrices. The reference kernel serves only where it is asked for by name.
   *
   * @throws ProviderUnavailableException saying why, when no provider has them here
   */
  public MixedGemm mixedGemm() {
    if (!bfloat16.containsKey(Role.MIXED_GEMM)) {
      var tried = new ArrayList<String>();
      probes.forEach((name, probe) -> {
        if (!probe.available()) {
          tried.add(name + ": " + probe.detail());
        }
      });
      throw new ProviderUnavailableException(
          "no products of bfloat16 matrices here; "
              + (tried.isEmpty() ? "they were not asked for" : String.join("; ", tried)));
    }
    return get(Role.MIXED_GEMM, DType.BFLOAT16, MixedGemm.class);
  }

  /**
   * Provider and detail per role, for float32 where there is a choice of types. {@link
   * Role#MIXED_GEMM} is missing when nobody serves it.
   */
  public Map<Role, String> choices() {
    return Map.copyOf(reasons);
  }

  /** What every provider answered, best first. */
  public Map<String, Probe> probes() {
    return Collections.unmodifiableMap(probes);
  }
}
