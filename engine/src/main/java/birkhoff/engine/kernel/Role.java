package birkhoff.engine.kernel;

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
  OPTIMIZER(OptimizerStep.class);

  private final Class<?> type;

  Role(Class<?> type) {
    this.type = type;
  }

  /** The interface that a kernel of this role implements. */
  public Class<?> type() {
    return type;
  }
}
