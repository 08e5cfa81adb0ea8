package birkhoff.tests.kernels;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.rng.DropoutMask;
import birkhoff.tests.golden.GoldenAttention;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Attention from the whole softmax matrix in double, and a caller of the scalar kernel. */
final class AttentionReference {
  private AttentionReference() {}

  /** Elements of qkv. */
  static int inputs(AttentionShape s) {
    return s.batch() * s.time() * 3 * s.width();
  }

  /** Elements of the output. */
  static int outputs(AttentionShape s) {
    return s.batch() * s.time() * s.width();
  }

  /** Elements of the logarithms of the denominators. */
  static int rows(AttentionShape s) {
    return s.blocks() * s.time();
  }

  /** softmax(QKᵀ/√hd) ∘ mask, times V. */
  static double[] forward(AttentionShape s, double[] qkv) {
    int time = s.time();
    int hd = s.headSize();
    double[] weights = GoldenAttention.weights(qkv, s.batch(), time, s.heads(), s.width());
    var out = new double[outputs(s)];
    for (int block = 0; block < s.blocks(); block++) {
      int first = block / s.heads() * time;
      int head = block % s.heads() * hd;
      for (int i = 0; i < time; i++) {
        for (int j = 0; j < time; j++) {
          double weight = weights[(block * time + i) * time + j] * factor(s, block, i, j);
          for (int d = 0; d < hd; d++) {
            out[(first + i) * s.width() + head + d] +=
                weight * qkv[(first + j) * 3 * s.width() + 2 * s.width() + head + d];
          }
        }
      }
    }
    return out;
  }

  private static double factor(AttentionShape s, int block, int i, int j) {
    if (s.dropout() == 0) {
      return 1;
    }
    long row = (s.time() + 63) / 64 * 64L;
    long index = ((long) block * s.time() + j) * row + i;
    long threshold = DropoutMask.threshold(s.dropout());
    return DropoutMask.kept(s.key(), threshold, index, new int[4]) ? 1 / (1 - s.dropout()) : 0;
  }

  /** What the kernel under test gives in double. */
  static double[] forward(Attention kernel, AttentionShape s, double[] qkv, double[] lse) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8L * outputs(s), 64);
      MemorySegment rows = arena.allocate(8L * rows(s), 64);
      MemorySegment scratch = arena.allocate(kernel.scratchBytes(s), 64);
      kernel.forward(s, copy(arena, qkv), out, rows, scratch, 0, s.blocks());
      MemorySegment.copy(rows, ValueLayout.JAVA_DOUBLE, 0, lse, 0, lse.length);
      return out.toArray(ValueLayout.JAVA_DOUBLE);
    }
  }

  static double[] backward(
      Attention kernel, AttentionShape s, double[] qkv, double[] lse, double[] gout) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment gqkv = copy(arena, nans(inputs(s)));
      MemorySegment scratch = copy(arena, nans((int) (kernel.scratchBytes(s) / 8 + 1)));
      kernel.backward(
          s, copy(arena, qkv), copy(arena, lse), copy(arena, gout), gqkv, scratch, 0, s.blocks());
      return gqkv.toArray(ValueLayout.JAVA_DOUBLE);
    }
  }

  private static double[] nans(int n) {
    var values = new double[n];
    Arrays.fill(values, Double.NaN);
    return values;
  }

  private static MemorySegment copy(Arena arena, double[] values) {
    MemorySegment segment = arena.allocate(8L * values.length, 64);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_DOUBLE, 0, values.length);
    return segment;
  }
}
