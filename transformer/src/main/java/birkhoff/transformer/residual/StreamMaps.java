package birkhoff.transformer.residual;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/** How the streams of a token make a sublayer's maps. Holds the parameters of all sublayers. */
interface StreamMaps {
  /**
   * What a sublayer does with the streams.
   *
   * @param input of the branch, {@code [b, t, width]}
   * @param post weights that the branch's output is written with, {@code [d, tokens]}
   * @param mixer {@code [d·d, tokens]}, row-major, output stream first
   */
  record Maps(Tensor input, Tensor post, Tensor mixer) {}

  /** The maps of a sublayer, and its input; does the write that the streams hold back. */
  Maps read(Ops ops, int sublayer, Streams streams);
}
