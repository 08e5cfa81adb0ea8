package birkhoff.engine.kernel.vector;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.tensor.DType;
import java.util.Optional;

/** The float32 kernels written with the Vector API; float64 is left to the scalar ones. */
public final class VectorProvider implements KernelProvider {
  /** From here on shared packed panels beat OpenBLAS, which packs again for every tile. */
  private static final int MANY_ROWS = 512;

  private static final int WIDE_LANES = 16;
  private static final int PREFERRED = 30;

  /** For {@link java.util.ServiceLoader}. */
  public VectorProvider() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public int priority(GemmShape shape, DType dtype) {
    boolean many = Lanes.F.length() >= WIDE_LANES && shape.m() >= MANY_ROWS;
    return many || FewRows.serves(shape) ? PREFERRED : priority();
  }

  @Override
  public String preference() {
    return "products of "
        + MANY_ROWS
        + " rows and more at 512 bit, and of up to "
        + FewRows.LIMIT
        + " rows with a transposed right operand";
  }

  @Override
  public Probe probe(KernelOptions options) {
    try {
      return Probe.available(Lanes.F.vectorBitSize() + " bit");
    } catch (ExceptionInInitializerError e) {
      return Probe.unavailable(String.valueOf(e.getCause().getMessage()));
    } catch (LinkageError e) {
      return Probe.unavailable(
          "the Vector API is not there ("
              + e.getMessage()
              + "); start Java with --add-modules jdk.incubator.vector");
    }
  }

  @Override
  public Optional<Object> kernel(Role role, DType dtype) {
    if (dtype == DType.FLOAT64 || !role.dtypes().contains(dtype)) {
      return Optional.empty();
    }
    return switch (role) {
      case ELEMENTWISE -> Optional.of(new VectorElementwise());
      case REDUCTION -> Optional.of(new VectorReduction());
      case NORMALIZATION -> Optional.of(new VectorNormalization());
      case LOSS -> Optional.of(new VectorLoss());
      case EMBEDDING -> Optional.of(new VectorEmbedding());
      case RANDOM -> Optional.of(new VectorRandomMask());
      // The scalar one serves narrower vectors.
      case BFLOAT16 ->
          Lanes.F.vectorBitSize() < VectorBfloat16.LEAST_BITS
              ? Optional.empty()
              : Optional.of(new VectorBfloat16());
      case OPTIMIZER -> Optional.of(new VectorOptimizerStep());
      case MIXING -> Optional.of(new VectorMixing());
      case MIXERS -> Optional.of(new VectorMixers());
      case GEMM -> Optional.of(new VectorGemm());
      case ATTENTION -> Optional.of(new VectorAttention());
      case MIXED_GEMM -> Optional.empty();
    };
  }
}
