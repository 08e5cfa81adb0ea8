package birkhoff.transformer.model;

import birkhoff.engine.Engine;
import birkhoff.engine.op.fused.CachedAttention;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and values of the positions that a model has seen, for {@link Gpt#nextLogits}: {@code
 * 2·n_layer·n_embd} float32 numbers per position, allocated at once for {@code block_size}
 * positions. Belongs to the engine, which frees it. Not thread-safe.
 */
public final class KvCache {
  private record Layer(Tensor keys, Tensor values) {}

  private final List<Layer> layers = new ArrayList<>();

  // INT32 [block_size]: where the new positions stand. Read by the work itself, so that it can be
  // recorded.
  private final Tensor places;
  private final int batch;
  private final int capacity;
  private int length;

  /** An empty cache for {@code batch} sequences that grow together. */
  public KvCache(Engine engine, GptConfig config, int batch) {
    this.batch = batch;
    this.capacity = config.blockSize();
    this.places =
        engine.persistent("key-value cache", TensorSpec.of(Shape.of(capacity), DType.INT32));
    int headSize = config.nEmbd() / config.nHead();
    var keys =
        TensorSpec.of(
            CachedAttention.keysShape(batch, config.nHead(), capacity, headSize), DType.FLOAT32);
    var values =
        TensorSpec.of(
            CachedAttention.valuesShape(batch, config.nHead(), capacity, headSize), DType.FLOAT32);
    for (int i = 0; i < config.nLayer(); i++) {
      layers.add(
          new Layer(
              engine.persistent("key-value cache", keys),
              engine.persistent("key-value cache", values)));
    }
  }

  /** Sequences. */
  public int batch() {
    return batch;
  }

  /** Positions that it has room for: the model's {@code block_size}. */
  public int capacity() {
    return capacity;
  }

  /** Positions that it holds. */
  public int length() {
    return length;
  }

  /** Forgets all positions. */
  public void clear() {
    length = 0;
  }

  Tensor keys(int layer) {
    return layers.get(layer).keys();
  }

  Tensor values(int layer) {
    return layers.get(layer).values();
  }

  /**
   * Announces that {@code t} positions will be written.
   *
   * @throws IllegalArgumentException when they do not fit
   */
  void begin(int t) {
    if (t > capacity - length) {
      throw new IllegalArgumentException(
          t
              + " new positions after "
              + length
              + " do not fit into a cache of block_size = "
              + capacity);
    }
    for (int i = 0; i < t; i++) {
      places.data().setAtIndex(ValueLayout.JAVA_INT, i, length + i);
    }
  }

  /** The first {@code t} new positions, INT32 {@code [t]}. */
  Tensor places(int t) {
    return places.slice(0, 0, t);
  }

  /** The first new position, INT32 {@code [1]}. */
  Tensor start() {
    return places(1);
  }

  /** Counts positions that every layer has written. */
  void grow(int positions) {
    length += positions;
  }
}
