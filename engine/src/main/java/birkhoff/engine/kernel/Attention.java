package birkhoff.engine.kernel;

import birkhoff.engine.rng.DropoutMask;
import java.lang.foreign.MemorySegment;

/**
 * Causal multi-head attention on the fused projection {@code qkv[B, T, 3·C]} (q, k, v one after the
 * other, heads contiguous inside each, as GPT-2 lays them out). The T×T matrix is never held; a
 * strip of it is, for a few queries at a time. A block is one (batch, head) pair, numbered {@code
 * b·heads + h}. Weights of zero are multiplied like others, so an infinity or NaN in a later token
 * may reach earlier ones.
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
}
