package birkhoff.transformer.residual;

import birkhoff.engine.nn.Initializer;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/**
 * A way to make d×d residual mixers of generator numbers: one member of the hyper-connection
 * family. Immutable.
 */
public interface Mixer {
  /** d, the streams that it mixes. */
  int streams();

  /** P, generator numbers per token. */
  int parameters();

  /** {@code z[P, tokens]} to {@code h[d·d, tokens]}, row-major, output stream first. */
  Tensor mix(Ops ops, Tensor z);

  /**
   * Starting values of the static part of z.
   *
   * @param first where its P numbers begin in the vector that is filled; what it does to others is
   *     overwritten
   */
  Initializer start(int first);
}
