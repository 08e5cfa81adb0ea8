package birkhoff.transformer.model;

import birkhoff.engine.Engine;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.parallel.Recording;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Decodes one text token by token with a key-value cache. The work for a single token is recorded
 * when it is done for the first time and then run again, without making up its operations anew.
 * Parameters may change between two texts. Belongs to the engine, which frees it. Not thread-safe.
 */
public final class Decoder {
  private final Engine engine;
  private final Gpt gpt;
  private final KvCache cache;
  private final Workspace pieces;
  private final Workspace step;
  private final Tensor ids;
  private final float[] logits;
  private Recording recorded;
  private MemorySegment result;

  /** With an empty cache. */
  public Decoder(Engine engine, Gpt gpt) {
    this.engine = engine;
    this.gpt = gpt;
    this.cache = new KvCache(engine, gpt.config(), 1);
    this.pieces = engine.workspace("decoding");
    this.step = engine.workspace("decoding of a token");
    this.ids =
        engine.persistent("decoding", TensorSpec.of(Shape.of(1, cache.capacity()), DType.INT32));
    this.logits = new float[gpt.config().vocabSize()];
  }

  /** Tokens in the cache. */
  public int length() {
    return cache.length();
  }

  /** The most of them: the model's {@code block_size}. */
  public int capacity() {
    return cache.capacity();
  }

  /** Begins another text. */
  public void clear() {
    cache.clear();
  }

  /**
   * Logits {@code [vocab]} after the next token; overwritten by the next call.
   *
   * @throws IllegalArgumentException when the cache is full
   */
  public float[] next(int token) {
    cache.begin(1);
    ids.set(token, 0, 0);
    if (recorded == null) {
      record();
    } else {
      engine.team().replay(recorded);
    }
    cache.grow(1);
    return copy(result);
  }

  private void record() {
    Tensor one = ids.slice(1, 0, 1);
    try {
      recorded =
          engine
              .team()
              .record(() -> result = gpt.nextLogits(engine.ops(step), one, cache, 1).data());
    } finally {
      // Otherwise never reset: what is recorded uses its memory again.
      if (recorded == null) {
        step.reset();
      }
    }
  }

  /**
   * The same after several tokens at once, a prompt for instance.
   *
   * @param tokens at least one
   * @throws IllegalArgumentException when they do not fit into the cache
   */
  public float[] next(int[] tokens) {
    if (tokens.length == 1) {
      return next(tokens[0]);
    }
    cache.begin(tokens.length);
    Tensor piece = ids.slice(1, 0, tokens.length).copyFrom(tokens);
    try {
      float[] next = copy(gpt.nextLogits(engine.ops(pieces), piece, cache, tokens.length).data());
      cache.grow(tokens.length);
      return next;
    } finally {
      pieces.reset();
    }
  }

  private float[] copy(MemorySegment from) {
    MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
    return logits;
  }
}
