package birkhoff.transformer.residual;

import birkhoff.engine.nn.LayerNorm;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.StreamExpand;
import birkhoff.engine.op.mixing.StreamSum;
import birkhoff.engine.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * d residual streams that each sublayer reads, mixes and writes with maps that depend on the token
 * (arXiv 2604.02309, equation (1)). The streams start as copies; at the end each is normalized and
 * their sum or their mean goes on.
 */
public final class HyperConnections implements ResidualStream {
  /** Of the root mean square that normalizes what the maps are made from. */
  public static final double RMS_EPS = 1e-6;

  private final int streams;
  private final StreamMaps maps;
  private final boolean mean;

  /**
   * @param mean whether the end takes the mean of the streams: d equal ones are then worth one,
   *     where their sum makes the first logits d times as large as those of a plain residual
   */
  HyperConnections(int streams, StreamMaps maps, boolean mean) {
    this.streams = streams;
    this.maps = maps;
    this.mean = mean;
  }

  @Override
  public Pass begin(Ops ops, Tensor embedded, StreamObserver observer) {
    return new StreamPass(ops, ops.apply(new StreamExpand(streams), embedded)[0], observer);
  }

  private final class StreamPass implements Pass {
    private final Ops ops;
    private final Streams x;

    StreamPass(Ops ops, Tensor x, StreamObserver observer) {
      this.ops = ops;
      this.x = new Streams(x, observer);
    }

    @Override
    public void sublayer(int index, LayerNorm norm, UnaryOperator<Tensor> branch) {
      StreamMaps.Maps own = maps.read(ops, index, x);
      Tensor normed = norm.forward(ops, own.input());
      Tensor f = branch.apply(normed);
      if (!f.sharesStorage(normed)) {
        ops.forget(normed);
      }
      ops.forget(own.input());
      x.write(index, own, f);
    }

    @Override
    public Tensor finish(LayerNorm norm) {
      Tensor normed = norm.forward(ops, x.now(ops));
      Tensor sum = ops.apply(new StreamSum(), normed)[0];
      ops.forget(normed);
      if (!mean) {
        return sum;
      }
      Tensor scaled = ops.scale(sum, 1.0 / streams);
      ops.forget(sum);
      return scaled;
    }
  }
}
