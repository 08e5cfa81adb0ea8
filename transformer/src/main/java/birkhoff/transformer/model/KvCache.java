package birkhoff.transformer.model;

import birkhoff.engine.Engine;
import birkhoff.engine.op.fused.CachedAttention;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
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
  private final int batch;
  private final int capacity;
  private int length;

  /** An empty cache for {@code batch} sequences that grow together. */
  public KvCache(Engine engine, GptConfig config, int batch) {
    this.batch = batch;
    this.capacity = config.blockSize();
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

  /** Counts positions that every layer has written. */
  void grow(int positions) {
    length += positions;
  }
}
