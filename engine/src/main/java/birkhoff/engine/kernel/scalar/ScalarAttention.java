package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.rng.DropoutMask;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Attention one query at a time, in double. Thread-safe. */
public final class ScalarAttention implements Attention {
  private final Elements e;

  /** Kernel for {@code FLOAT32} or {@code FLOAT64} operands. */
  public ScalarAttention(DType dtype) {
    this.e = new Elements(dtype);
  }

  /** Weights and their gradients for one query; gradients of keys and values for one head. */
  @Override
  public long scratchBytes(AttentionShape shape) {
    return (2L * shape.time() + 2L * shape.time() * shape.headSize()) * Double.BYTES;
  }

  @Override
  public void forward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment out,
      MemorySegment lse,
      MemorySegment scratch,
      int lo,
      int hi) {
    int hd = shape.headSize();
    int[] words = new int[4];
    for (int block = lo; block < hi; block++) {
      for (int i = 0; i < shape.time(); i++) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j <= i; j++) {
          double score = score(shape, qkv, block, i, j);
          put(scratch, j, score);
          max = Math.max(max, score);
        }
        double sum = 0;
        for (int j = 0; j <= i; j++) {
          double weight = Math.exp(get(scratch, j) - max);
          sum += weight;
          put(scratch, j, weight * mask(shape, block, i, j, words));
        }
        for (int d = 0; d < hd; d++) {
          double value = 0;
          for (int j = 0; j <= i; j++) {
            value += get(scratch, j) * e.get(qkv, row(shape, block, j, 2) + d);
          }
          e.set(out, outRow(shape, block, i) + d, value / sum);
        }
        e.set(lse, (long) block * shape.time() + i, max + Math.log(sum));
      }
    }
  }

  @Override
  public void backward(
      AttentionShape shape,
      MemorySegment qkv,
      MemorySegment lse,
      MemorySegment gout,
      MemorySegment gqkv,
      MemorySegment scratch,
      int lo,
      int hi) {
    int time = shape.time();
    int hd = shape.headSize();
    int[] words = new int[4];
    MemorySegment weights = scratch;
    MemorySegment gweights = scratch.asSlice((long) time * Double.BYTES);
    MemorySegment gkeys = gweights.asSlice((long) time * Double.BYTES);
    MemorySegment gvalues = gkeys.asSlice((long) time * hd * Double.BYTES);
    for (int block = lo; block < hi; block++) {
      gkeys.asSlice(0, 2L * time * hd * Double.BYTES).fill((byte) 0);
      for (int i = 0; i < time; i++) {
        double logSum = e.get(lse, (long) block * time + i);
        double dot = 0;
        for (int j = 0; j <= i; j++) {
          double weight = Math.exp(score(shape, qkv, block, i, j) - logSum);
          double mask = mask(shape, block, i, j, words);
          double gweight = 0;
          for (int d = 0; d < hd; d++) {
            double g = e.get(gout, outRow(shape, block, i) + d) * mask;
            gweight += g * e.get(qkv, row(shape, block, j, 2) + d);
            add(gvalues, (long) j * hd + d, g * weight);
          }
          put(weights, j, weight);
          put(gweights, j, gweight);
          dot += weight * gweight;
        }
        for (int j = 0; j <= i; j++) {
          double gscore = get(weights, j) * (get(gweights, j) - dot) * shape.scale();
          put(gweights, j, gscore);
          for (int d = 0; d < hd; d++) {
            add(gkeys, (long) j * hd + d, gscore * e.get(qkv, row(shape, block, i, 0) + d));
          }
        }
        for (int d = 0; d < hd; d++) {
          double gquery = 0;
          for (int j = 0; j <= i; j++) {
            gquery += get(gweights, j) * e.get(qkv, row(shape, block, j, 1) + d);
          }
          e.set(gqkv, row(shape, block, i, 0) + d, gquery);
        }
      }
      for (int j = 0; j < time; j++) {
        for (int d = 0; d < hd; d++) {
          e.set(gqkv, row(shape, block, j, 1) + d, get(gkeys, (long) j * hd + d));
          e.set(gqkv, row(shape, block, j, 2) + d, get(gvalues, (long) j * hd + d));
        }
      }
    }
  }

  @Override
  public long scratchBytes(CacheShape shape) {
    return (long) shape.capacity() * Double.BYTES;
  }

  @Override
  public void attendCached(
      CacheShape shape,
      MemorySegment qkv,
      MemorySegment keys,
      MemorySegment values,
      MemorySegment out,
      MemorySegment scratch,
      int lo,
      int hi) {
    int hd = shape.headSize();
    for (int block = lo; block < hi; block++) {
      long key = shape.keys(block);
      long value = shape.values(block);
      for (int t = 0; t < shape.time(); t++) {
        int position = shape.start() + t;
        for (int d = 0; d < hd; d++) {
          e.set(keys, key + shape.key(position, d), e.get(qkv, shape.row(block, t, 1) + d));
          e.set(values, value + (long) position * hd + d, e.get(qkv, shape.row(block, t, 2) + d));
        }
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j <= position; j++) {
          double dot = 0;
          for (int d = 0; d < hd; d++) {
            dot += e.get(qkv, shape.row(block, t, 0) + d) * e.get(keys, key + shape.key(j, d));
          }
          put(scratch, j, dot * shape.scale());
          max = Math.max(max, get(scratch, j));
        }
        double sum = 0;
        for (int j = 0; j <= position; j++) {
          put(scratch, j, Math.exp(get(scratch, j) - max));
          sum += get(scratch, j);
        }
        for (int d = 0; d < hd; d++) {
          double mean = 0;
          for (int j = 0; j <= position; j++) {
            mean += get(scratch, j) * e.get(values, value + (long) j * hd + d);
          }
          e.set(out, shape.outRow(block, t) + d, mean / sum);
        }
      }
    }
  }

  private double score(AttentionShape shape, MemorySegment qkv, int block, int i, int j) {
    double dot = 0;
    for (int d = 0; d < shape.headSize(); d++) {
      dot += e.get(qkv, row(shape, block, i, 0) + d) * e.get(qkv, row(shape, block, j, 1) + d);
    }
    return dot * shape.scale();
  }

  private static double mask(AttentionShape shape, int block, int i, int j, int[] words) {
    if (shape.dropout() == 0) {
      return 1;
    }
    long threshold = DropoutMask.threshold(shape.dropout());
    long index = shape.maskIndex(block, j) + i;
    return DropoutMask.kept(shape.key(), threshold, index, words) ? shape.keptScale() : 0;
  }

  /** First element of the head's query (part 0), key (1) or value (2) at time {@code t}. */
  private static long row(AttentionShape shape, int block, int t, int part) {
    long token = (long) (block / shape.heads()) * shape.time() + t;
    int head = block % shape.heads();
    return (token * 3 + part) * shape.width() + (long) head * shape.headSize();
  }

  private static long outRow(AttentionShape shape, int block, int t) {
    long token = (long) (block / shape.heads()) * shape.time() + t;
    return token * shape.width() + (long) (block % shape.heads()) * shape.headSize();
  }

  private static double get(MemorySegment scratch, long i) {
    return scratch.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
  }

  private static void put(MemorySegment scratch, long i, double value) {
    scratch.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
  }

  private static void add(MemorySegment scratch, long i, double value) {
    put(scratch, i, get(scratch, i) + value);
  }
}
