package birkhoff.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Causal multi-head attention on the fused projection {@code qkv[B, T, 3·C]} (q, k, v one after the
 * other, heads contiguous inside each, as GPT-2 lays them out). The T×T matrix is never held for
 * more than a tile. A block is one (batch, head) pair, numbered {@code b·heads + h}.
 */
public interface Attention {
  /**
   * Sizes; {@code dropout} and {@code key} as in {@link RandomMask} over the attention weights,
   * element index {@code ((b·heads + h)·T + i)·T + j}.
   */
  record AttentionShape(int batch, int time, int heads, int headSize, double dropout, long key) {
    public int width() {
      return heads * headSize;
    }

    public int blocks() {
      return batch * heads;
    }
  }

  /** Bytes of scratch that one block needs, forward and backward. */
  long scratchBytes(AttentionShape shape);

  /**
   * {@code out[b,t,h·hd…] = Σ_j softmax_j(q·k_j/√hd, j ≤ t) v_j} and {@code lse[b,h,t]}, the
   * logarithm of the softmax's denominator.
   */
  void forward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment out,
      MemorySegment lse,
      MemorySegment scratch,
      int lo,
      int hi);

  /** Gradient {@code gqkv} (overwritten) from {@code gout}; weights are recomputed from lse. */
  void backward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment out,
      MemorySegment lse,
      MemorySegment gout,
      MemorySegment gqkv,
      MemorySegment scratch,
      int lo,
      int hi);
}
