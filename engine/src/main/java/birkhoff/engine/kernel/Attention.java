package birkhoff.engine.kernel;

import birkhoff.engine.rng.DropoutMask;
import java.lang.foreign.MemorySegment;

/**
 * Causal multi-head attention on the fused projection {@code qkv[B, T, 3·C]} (q, k, v one after the
 * other, heads contiguous inside each, as GPT-2 lays them out). The T×T matrix is never held; a
 * strip of it is, for a few queries at a time. A block is one (batch, head) pair, numbered {@code
 * b·heads + h}. Weights of zero may be multiplied like others, so an infinity or NaN in a later
 * token may reach earlier ones, and one that dropout leaves out may count.
 */
public interface Attention {
  /**
   * Sizes; {@code dropout} and {@code key} as in {@link RandomMask}, applied to the weights after
   * the softmax. The weight of query i on key j has the mask's element index {@code ((b·heads +
   * h)·T + j)·T' + i}, where T' is T rounded up to whole groups of {@link DropoutMask}: the queries
   * of one key lie side by side, as the strips hold them.
   */
  record AttentionShape(int batch, int time, int heads, int headSize, double dropout, long key) {
    /**
     * @throws IllegalArgumentException when a size is negative or dropout is outside [0, 1)
     */
    public AttentionShape {
      if (batch < 0 || time < 0 || heads < 0 || headSize < 1) {
        throw new IllegalArgumentException(
            "attention: batch "
                + batch
                + ", time "
                + time
                + ", heads "
                + heads
                + ", head size "
                + headSize
                + "; the least sizes are 0, 0, 0, 1");
      }
      if (!(dropout >= 0 && dropout < 1)) {
        throw new IllegalArgumentException("attention: dropout " + dropout + " is not in [0, 1)");
      }
    }

    /** The same sizes with another key. */
    public AttentionShape withKey(long other) {
      return new AttentionShape(batch, time, heads, headSize, dropout, other);
    }

    public int width() {
      return heads * headSize;
    }

    public int blocks() {
      return batch * heads;
    }

    /** Factor of the scores, 1/√head size. */
    public double scale() {
      return 1 / Math.sqrt(headSize);
    }

    /** Factor of the weights that dropout keeps. */
    public double keptScale() {
      return 1 / (1 - dropout);
    }

    /** The mask's element index of query 0 on {@code key} in {@code block}. */
    public long maskIndex(int block, int key) {
      long row = (time + DropoutMask.GROUP - 1L) / DropoutMask.GROUP * DropoutMask.GROUP;
      return ((long) block * time + key) * row;
    }
  }

  /** Bytes of scratch that {@link #forward} and {@link #backward} need, for one block at a time. */
  long scratchBytes(AttentionShape shape);

  /**
   * {@code out[b,t,h·hd…] = Σ_j softmax_j(q·k_j/√hd, j ≤ t) v_j} and {@code lse[b,h,t]}, the
   * logarithm of the softmax's denominator. {@code scratch} is 64-byte aligned.
   */
  void forward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment out,
      MemorySegment lse,
      MemorySegment scratch,
      int lo,
      int hi);

  /**
   * Gradient {@code gqkv} (overwritten) from {@code gout}; weights are recomputed from {@code lse}
   * (Dao et al. 2205.14135, algorithm 4), the output itself is not needed.
   */
  void backward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment lse,
      MemorySegment gout,
      MemorySegment gqkv,
      MemorySegment scratch,
      int lo,
      int hi);

  /**
   * Sizes of attention on a cache of keys and values, for inference.
   *
   * @param batch sequences
   * @param heads per sequence
   * @param headSize of every head
   * @param capacity positions that the cache has room for
   * @param start positions that it holds already
   * @param time new positions
   */
  record CacheShape(int batch, int heads, int headSize, int capacity, int start, int time) {
    /** Keys that lie together, see {@link Attention#attendCached}. */
    public static final int TILE = 16;

    /**
     * @throws IllegalArgumentException when a size is negative or the new positions do not fit
     */
    public CacheShape {
      if (batch < 0 || heads < 0 || headSize < 1 || start < 0 || time < 0) {
        throw new IllegalArgumentException(
            "cached attention: batch "
                + batch
                + ", heads "
                + heads
                + ", head size "
                + headSize
                + ", start "
                + start
                + ", time "
                + time
                + "; the least sizes are 0, 0, 1, 0, 0");
      }
      if ((long) start + time > capacity) {
        throw new IllegalArgumentException(
            "cached attention: "
                + start
                + " positions and "
                + time
                + " new ones are more than the cache's "
                + capacity);
      }
    }

    /** The same with {@code start} positions in the cache. */
    public CacheShape after(int start) {
      return new CacheShape(batch, heads, headSize, capacity, start, time);
    }

    public int width() {
      return heads * headSize;
    }

    public int blocks() {
      return batch * heads;
    }

    /** Tiles of keys of one block. */
    public static int tiles(int capacity) {
      return (capacity + TILE - 1) / TILE;
    }

    /** First element of a block's keys. */
    public long keys(int block) {
      return (long) block * tiles(capacity) * headSize * TILE;
    }

    /** First element of a block's values. */
    public long values(int block) {
      return (long) block * capacity * headSize;
    }

    /** Place of one number of a key from the block's first. */
    public long key(int position, int d) {
      return ((long) (position / TILE) * headSize + d) * TILE + position % TILE;
    }

    /** First element of the query (part 0), key (1) or value (2) of a new position in qkv. */
    public long row(int block, int t, int part) {
      long token = (long) (block / heads) * time + t;
      return (token * 3 + part) * width() + (long) (block % heads) * headSize;
    }

    /** First element of a new position's output. */
    public long outRow(int block, int t) {
      long token = (long) (block / heads) * time + t;
      return token * width() + (long) (block % heads) * headSize;
    }

    /** Factor of the scores, 1/√head size. */
    public double scale() {
      return 1 / Math.sqrt(headSize);
    }
  }

  /** Bytes of scratch that {@link #attendCached} needs, for one block at a time. */
  long scratchBytes(CacheShape shape);

  /**
   * Appends the keys and values of the new positions of {@code qkv[B, time, 3·C]} to the cache,
   * then lets every new position look at all positions up to its own: {@code out[B, time, C]}.
   *
   * <p>Keys lie in tiles, {@code keys[B·heads, ⌈capacity/TILE⌉, headSize, TILE]}: the scores of a
   * tile are sums down its columns, and reading is sequential. Values are {@code values[B·heads,
   * capacity, headSize]}. {@code scratch} is 64-byte aligned; blocks are as in {@link #forward}.
   */
  void attendCached(
      CacheShape shape,
      MemorySegment qkv,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment out,
      MemorySegment scratch,
      int lo,
      int hi);
}
