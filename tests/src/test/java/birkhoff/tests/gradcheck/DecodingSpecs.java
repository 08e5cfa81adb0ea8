package birkhoff.tests.gradcheck;

import static birkhoff.tests.gradcheck.Operand.any;
import static birkhoff.tests.gradcheck.Operand.bfloat16;
import static birkhoff.tests.gradcheck.Operand.ids;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.op.fused.CachedAttention;
import birkhoff.engine.op.linalg.WideningLinear;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import java.util.List;

/** What decoding needs: weights in bfloat16 and attention on a cache. */
final class DecodingSpecs {
  private static final OpSpec.One CACHED =
      (ops, in) -> ops.cachedAttention(in.get(0), in.get(1), in.get(2), in.get(3));

  private DecodingSpecs() {}

  static List<OpSpec> all() {
    return List.of(wideningLinear(), cachedAttention());
  }

  private static OpSpec wideningLinear() {
    OpSpec.One call = (ops, in) -> ops.linear(in.get(0), in.get(1), in.get(2));
    OpSpec.One plain = (ops, in) -> ops.linear(in.get(0), in.get(1), null);
    OpSpec.One direct = (ops, in) -> ops.apply(new WideningLinear(), in.get(0), in.get(1))[0];
    var spec = OpSpec.of(WideningLinear.class, "wideningLinear");
    long[][] xs = {{4}, {1, 37}, {3, 4}, {2, 3, 16}, {0, 4}, {7, 33}};
    for (long[] x : xs) {
      long k = x[x.length - 1];
      for (long out : new long[] {0, 1, 5, 9}) {
        spec.on(
            call,
            in -> Formulas.linear(in.get(0), in.get(1), in.get(2)),
            any(x),
            bfloat16(out, k),
            any(out));
        spec.on(plain, in -> Formulas.linear(in.get(0), in.get(1), null), any(x), bfloat16(out, k));
      }
    }
    return spec.refuses(
            ShapeException.class, List.of("[3, 4]", "[5, 3]"), plain, any(3, 4), bfloat16(5, 3))
        .refuses(ShapeException.class, List.of("[out, in]"), plain, any(3, 4), bfloat16(4))
        .refuses(
            ShapeException.class,
            List.of("bias", "[4]", "[5]"),
            call,
            any(3, 4),
            bfloat16(5, 4),
            any(4))
        .refuses(DTypeException.class, List.of("bfloat16"), plain, bfloat16(3, 4), bfloat16(5, 4))
        .refuses(DTypeException.class, List.of("bfloat16 is"), direct, any(3, 4), any(5, 4));
  }

  private static OpSpec cachedAttention() {
    var spec = OpSpec.inference(CachedAttention.class, "cachedAttention");
    // Batch, heads, head size, capacity, cached positions, new ones.
    int[][] sizes = {
      {1, 1, 1, 1, 0, 1},
      {2, 2, 3, 20, 0, 20},
      {1, 2, 16, 40, 33, 1},
      {2, 1, 37, 17, 16, 1},
      {1, 3, 70, 50, 10, 7},
      {2, 2, 2, 5, 3, 0}
    };
    for (int[] s : sizes) {
      int start = s[4];
      spec.on(
          CACHED,
          in -> formula(in.get(0), in.get(1), in.get(2), start),
          any(s[0], s[5], 3L * s[1] * s[2]),
          any(sizes(CachedAttention.keysShape(s[0], s[1], s[3], s[2]))),
          any(sizes(CachedAttention.valuesShape(s[0], s[1], s[3], s[2]))),
          start(start));
    }
    Operand keys = any(1, 2, 1, 4, 16);
    Operand values = any(1, 2, 8, 4);
    // A start that does not fit is seen when the work is done: DecodingTest.
    return spec.refuses(
            ShapeException.class, List.of("more"), CACHED, any(1, 9, 24), keys, values, start(0))
        .refuses(ShapeException.class, List.of("[b, t"), CACHED, any(1, 24), keys, values, start(0))
        .refuses(
            ShapeException.class, List.of("batch"), CACHED, any(2, 1, 24), keys, values, start(0))
        .refuses(
            ShapeException.class, List.of("width"), CACHED, any(1, 1, 25), keys, values, start(0))
        .refuses(
            ShapeException.class, List.of("start"), CACHED, any(1, 1, 24), keys, values, ids(2, 2))
        .refuses(
            ShapeException.class,
            List.of("keys", "[1, 2, 1, 4, 16]"),
            CACHED,
            any(1, 1, 24),
            any(1, 2, 1, 4, 8),
            values,
            start(0));
  }

  /** INT32 {@code [1]}. */
  private static Operand start(int start) {
    return new Operand(new long[] {1}, DType.INT32, r -> start);
  }

  private static long[] sizes(Shape shape) {
    return shape.toArray();
  }

  /** The definition; keys and values of new positions come from qkv, others from the cache. */
  private static Values formula(Values qkv, Values keys, Values values, int start) {
    int c = qkv.size(2) / 3;
    int hd = values.size(3);
    return Values.build(
        new int[] {qkv.size(0), qkv.size(1), c},
        at -> {
          int b = at[0];
          int h = at[2] / hd;
          double[] scores = new double[start + at[1] + 1];
          for (int j = 0; j < scores.length; j++) {
            for (int e = 0; e < hd; e++) {
              double key =
                  j < start
                      ? keys.at(b, h, j / 16, e, j % 16)
                      : qkv.at(b, j - start, c + h * hd + e);
              scores[j] += qkv.at(b, at[1], h * hd + e) * key / Math.sqrt(hd);
            }
          }
          double[] weights = Formulas.softmax(scores);
          double out = 0;
          for (int j = 0; j < weights.length; j++) {
            double value =
                j < start ? values.at(b, h, j, at[2] % hd) : qkv.at(b, j - start, 2 * c + at[2]);
            out += weights[j] * value;
          }
          return out;
        });
  }
}
