package birkhoff.transformer.residual;

import birkhoff.engine.nn.LayerNorm;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;
import java.util.function.UnaryOperator;

/** What carries information from sublayer to sublayer. Holds parameters, no state of a pass. */
public sealed interface ResidualStream permits PlainResidual, HyperConnections {
  /** Starts a forward pass from the embedding {@code [b, t, c]}. */
  default Pass begin(Ops ops, Tensor embedded) {
    return begin(ops, embedded, StreamObserver.NOBODY);
  }

  /** The same with somebody who looks on. */
  Pass begin(Ops ops, Tensor embedded, StreamObserver observer);

  /** One forward pass; may hold back work to fuse it with the next sublayer's. */
  interface Pass {
    /**
     * Reads the sublayer's input {@code [b, t, c]}, normalizes it, runs {@code branch} on it and
     * writes the result back.
     *
     * @param index of the sublayer: 2·block for attention, 2·block + 1 for the MLP
     */
    void sublayer(int index, LayerNorm norm, UnaryOperator<Tensor> branch);

    /** The final norm and what is then left of the streams: {@code [b, t, c]}. */
    Tensor finish(LayerNorm norm);
  }
}
