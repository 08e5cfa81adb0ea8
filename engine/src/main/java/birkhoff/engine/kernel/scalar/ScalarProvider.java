package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.tensor.DType;
import java.util.Optional;

/** The reference kernels, float32 and float64; they run everywhere and are slow. */
public final class ScalarProvider implements KernelProvider {
  /** For {@link java.util.ServiceLoader}. */
  public ScalarProvider() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Probe probe(KernelOptions options) {
    return Probe.available("plain Java");
  }

  @Override
  public Optional<Object> kernel(Role role, DType dtype) {
    if (!role.dtypes().contains(dtype)) {
      return Optional.empty();
    }
    return switch (role) {
      case ELEMENTWISE -> Optional.of(new ScalarElementwise(dtype));
      case REDUCTION -> Optional.of(new ScalarReduction(dtype));
      case NORMALIZATION -> Optional.of(new ScalarNormalization(dtype));
      case LOSS -> Optional.of(new ScalarLoss(dtype));
      case EMBEDDING -> Optional.of(new ScalarEmbedding(dtype));
      case RANDOM -> Optional.of(new ScalarRandomMask(dtype));
      case BFLOAT16 -> Optional.of(new ScalarBfloat16(dtype));
      case OPTIMIZER -> Optional.of(new ScalarOptimizerStep(dtype));
      case MIXING -> Optional.of(new ScalarMixing(dtype));
      case MIXERS -> Optional.of(new ScalarMixers(dtype));
      case ATTENTION -> Optional.of(new ScalarAttention(dtype));
      case GEMM -> Optional.of(new ScalarGemm(dtype));
      case MIXED_GEMM -> Optional.of(new ScalarMixedGemm());
    };
  }
}
