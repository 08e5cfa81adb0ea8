package birkhoff.engine.kernel;

import birkhoff.engine.tensor.DType;
import java.util.List;

/** The kernel roles, each an interface that providers implement. */
public enum Role {
  GEMM(Gemm.class),
  ELEMENTWISE(Elementwise.class),
  REDUCTION(Reduction.class),
  NORMALIZATION(Normalization.class),
  ATTENTION(Attention.class),
  LOSS(Loss.class),
  EMBEDDING(Embedding.class),
  RANDOM(RandomMask.class),
  MIXING(Mixing.class),
  MIXERS(Mixers.class),
  BFLOAT16(Bfloat16.class),
  OPTIMIZER(OptimizerStep.class),
  MIXED_GEMM(MixedGemm.class, DType.BFLOAT16);

  private final Class<?> type;
  private final List<DType> dtypes;

  Role(Class<?> type) {
    this(type, DType.FLOAT32, DType.FLOAT64);
  }

  Role(Class<?> type, DType... dtypes) {
    this.type = type;
    this.dtypes = List.of(dtypes);
  }

  /** The interface that a kernel of this role implements. */
  public Class<?> type() {
    return type;
  }

  /** The element types that a kernel of this role is made for. */
  public List<DType> dtypes() {
    return dtypes;
  }
}
