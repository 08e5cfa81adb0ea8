package birkhoff.transformer.residual;

import birkhoff.engine.tensor.Tensor;

/** Looks at the mixers and streams of one forward pass; a plain residual has none to show. */
@FunctionalInterface
public interface StreamObserver {
  /** Looks at nothing. */
  StreamObserver NOBODY = (sublayer, mixer, streams) -> {};

  /**
   * A sublayer has mixed and written its streams. The tensors are those that the pass goes on with:
   * they may be read now, and neither changed nor kept.
   *
   * @param sublayer 2·block for attention, 2·block + 1 for the MLP
   * @param mixer {@code [d·d, tokens]}, row-major, output stream first
   * @param streams the result, {@code [b, t, d, width]}
   */
  void written(int sublayer, Tensor mixer, Tensor streams);
}
