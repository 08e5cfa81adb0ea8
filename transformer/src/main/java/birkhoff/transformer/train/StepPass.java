package birkhoff.transformer.train;

/** A way to do the three parts of a step that touch tensors. */
interface StepPass {
  /**
   * Forward and backward pass of one micro-batch.
   *
   * @param first whether it is the step's first
   */
  void gradients(boolean first);

  /** Sums the squares of the step's gradients. */
  void norm();

  /** Changes the parameters. */
  void update();
}
