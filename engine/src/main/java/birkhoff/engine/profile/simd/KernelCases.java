package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.Embedding;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.Loss;
import birkhoff.engine.kernel.MixedGemm;
import birkhoff.engine.kernel.Mixers;
import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.kernel.Normalization;
import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.kernel.RandomMask;
import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.Arena;
import java.util.List;

/** The one list of kernel methods that are looked at: every method of every role. */
public final class KernelCases {
  private KernelCases() {}

  /**
   * The float32 kernels of a role, or its bfloat16 ones, ready to be called; none when the provider
   * does not serve it. The Vector API has no {@link MixedGemm}.
   *
   * @param arena holds their operands, a few megabytes
   */
  public static List<KernelCase> of(KernelProvider provider, Role role, Arena arena) {
    Object kernel = provider.kernel(role, role.dtypes().getFirst()).orElse(null);
    var memory = new Operands(arena);
    return switch (kernel) {
      case null -> List.of();
      case Elementwise k -> ElementwiseCases.of(k, memory);
      case Reduction k -> RowCases.reduction(k, memory);
      case Normalization k -> RowCases.normalization(k, memory);
      case Loss k -> RowCases.loss(k, memory);
      case Embedding k -> UpdateCases.embedding(k, memory);
      case RandomMask k -> UpdateCases.random(k, memory);
      case OptimizerStep k -> UpdateCases.optimizer(k, memory);
      case Mixing k -> MixingCases.of(k, memory);
      case Mixers k -> MixerCases.of(k, memory);
      case Gemm k -> ProductCases.gemm(k, memory);
      case Attention k -> ProductCases.attention(k, memory);
      case Bfloat16 k -> Bfloat16Cases.of(k, memory);
      case MixedGemm _ -> List.of();
      default -> throw new IllegalArgumentException("no cases for role " + role);
    };
  }

  /**
   * Heap bytes that a call may allocate; a boxed vector in a loop costs far more. A matrix product
   * makes a plan and two tasks, one of few rows by bfloat16 an array of sums.
   */
  public static long allowedBytes(Role role) {
    return switch (role) {
      case GEMM -> 1024;
      case BFLOAT16 -> 512;
      default -> 0;
    };
  }
}
