package birkhoff.transformer.residual;

import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.StreamWrite;
import birkhoff.engine.tensor.Tensor;

/**
 * The streams {@code [b, t, d, width]} of one pass. The last sublayer's write is held back, so that
 * the next one can read what it writes in the same operation.
 */
final class Streams {
  private final StreamObserver observer;
  private Tensor x;
  private Tensor[] pending;
  private int sublayer;

  /**
   * @param observer shown every write when it is done
   */
  Streams(Tensor x, StreamObserver observer) {
    this.x = x;
    this.observer = observer;
  }

  /** Mixes and writes the output {@code [b, t, width]} of a sublayer's branch, later. */
  void write(int index, StreamMaps.Maps maps, Tensor branch) {
    pending = new Tensor[] {x, maps.mixer(), maps.post(), branch};
    sublayer = index;
  }

  /** The operands of the write held back: x, mixer, post and branch; null if there is none. */
  Tensor[] pending() {
    return pending;
  }

  /** Somebody did the write that was held back. */
  void written(Tensor result) {
    observer.written(sublayer, pending[1], result);
    x = result;
    pending = null;
  }

  /** The streams as they are now, written first if need be. */
  Tensor now(Ops ops) {
    if (pending != null) {
      written(ops.apply(new StreamWrite(), pending)[0]);
    }
    return x;
  }
}
