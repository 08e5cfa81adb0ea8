package birkhoff.tests.gradcheck;

import static birkhoff.tests.gradcheck.Operand.any;
import static birkhoff.tests.gradcheck.Operand.ids;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.StreamCombine;
import birkhoff.engine.op.mixing.StreamExpand;
import birkhoff.engine.op.mixing.StreamRead;
import birkhoff.engine.op.mixing.StreamSum;
import birkhoff.engine.op.mixing.StreamWrite;
import birkhoff.engine.op.mixing.StreamWriteRead;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Hyper-connections. */
final class MixingSpecs {
  private static final double EPS = 0.1;

  private MixingSpecs() {}

  static List<OpSpec> all() {
    return List.of(expand(), sum(), combine(), read(), write(), writeRead());
  }

  static OpSpec.One first(Primitive p) {
    return (ops, in) -> ops.apply(p, in.toArray(Tensor[]::new))[0];
  }

  private static OpSpec expand() {
    var spec = OpSpec.of(StreamExpand.class, "streamExpand");
    for (long[] x : new long[][] {{5}, {3, 4}, {2, 3, 1}, {0, 4}, {70, 2}}) {
      for (int d : new int[] {1, 2, 5}) {
        spec.on(first(new StreamExpand(d)), in -> copies(in.getFirst(), d), any(x));
      }
    }
    return spec.refuses(
            ShapeException.class, List.of("streams"), first(new StreamExpand(0)), any(2))
        .refuses(ShapeException.class, List.of("float64[]"), first(new StreamExpand(2)), any())
        .refuses(DTypeException.class, List.of("int32"), first(new StreamExpand(2)), ids(3, 2));
  }

  private static Values copies(Values x, int d) {
    int n = x.rank();
    int[] shape = Arrays.copyOf(x.shape(), n + 1);
    shape[n - 1] = d;
    shape[n] = x.size(-1);
    return Values.build(
        shape,
        i -> {
          int[] own = Arrays.copyOf(i, n);
          own[n - 1] = i[n];
          return x.at(own);
        });
  }

  private static OpSpec sum() {
    var spec = OpSpec.of(StreamSum.class, "streamSum");
    for (long[] x : new long[][] {{1, 5}, {3, 4}, {2, 3, 1}, {0, 2, 4}, {2, 2, 3, 4}}) {
      spec.on(first(new StreamSum()), in -> summed(in.getFirst()), any(x));
    }
    return spec.refuses(ShapeException.class, List.of("[3]"), first(new StreamSum()), any(3))
        .refuses(ShapeException.class, List.of("a stream"), first(new StreamSum()), any(3, 0, 2));
  }

  private static Values summed(Values x) {
    int n = x.rank();
    int[] shape = Arrays.copyOf(x.shape(), n - 1);
    shape[n - 2] = x.size(-1);
    return Values.build(
        shape,
        i -> {
          int[] own = Arrays.copyOf(i, n);
          own[n - 1] = i[n - 2];
          double total = 0;
          for (int j = 0; j < x.size(-2); j++) {
            own[n - 2] = j;
            total += x.at(own);
          }
          return total;
        });
  }

  private static OpSpec combine() {
    var spec = OpSpec.of(StreamCombine.class, "streamCombine");
    for (int[] n :
        new int[][] {{1, 3, 2}, {2, 4, 3}, {3, 1, 2}, {2, 9, 5}, {2, 4, 0}, {4, 3, 70}}) {
      int d = n[0];
      spec.on(
          first(new StreamCombine()),
          in -> combined(in.get(0), in.get(1)),
          any(n[2], d, n[1]),
          any(d, n[2]));
    }
    return spec.refuses(
        ShapeException.class,
        List.of("pre", "[3, 2]"),
        first(new StreamCombine()),
        any(3, 2, 4),
        any(3, 2));
  }

  private static Values combined(Values x, Values pre) {
    return Values.build(
        new int[] {x.size(0), x.size(2)},
        i -> {
          double sum = 0;
          for (int j = 0; j < x.size(1); j++) {
            sum += pre.at(j, i[0]) * x.at(i[0], j, i[1]);
          }
          return sum;
        });
  }

  /** u, and numbers that depend on all of post and z, since outputs are added up later. */
  private static Tensor[] readAll(Ops ops, List<Tensor> in) {
    Tensor[] out = ops.apply(new StreamRead(EPS), in.toArray(Tensor[]::new));
    return new Tensor[] {out[0], meanSquare(ops, out[1]), meanSquare(ops, out[2])};
  }

  /** 0 for nothing, which has no mean. */
  private static Tensor meanSquare(Ops ops, Tensor x) {
    return x.count() == 0 ? ops.sum(x) : ops.mean(ops.square(x));
  }

  private static OpSpec read() {
    var spec = OpSpec.of(StreamRead.class, "streamRead");
    int[][] sizes = {
      {1, 0, 3, 2}, {2, 1, 4, 3}, {3, 3, 1, 2}, {4, 6, 3, 2}, {2, 1, 3, 0}, {2, 1, 2, 70}
    };
    for (int[] n : sizes) {
      int d = n[0];
      int p = n[1];
      int width = n[2];
      spec.onAll(
          MixingSpecs::readAll,
          in -> readFormula(in, d, p, width),
          any(n[3], d, width),
          any(2 * d + p, (long) d * width),
          any(3),
          any(2 * d + p));
    }
    OpSpec.One call = first(new StreamRead(EPS));
    return spec.refuses(
            ShapeException.class,
            List.of("[2d + P, d·width]", "[5, 7]"),
            call,
            any(3, 2, 4),
            any(5, 7),
            any(3),
            any(5))
        .refuses(
            ShapeException.class,
            List.of("gate", "[2]"),
            call,
            any(3, 2, 4),
            any(5, 8),
            any(2),
            any(5))
        .refuses(
            ShapeException.class,
            List.of("bias", "[4]"),
            call,
            any(3, 2, 4),
            any(5, 8),
            any(3),
            any(4))
        .refuses(ShapeException.class, List.of("inputs"), call, any(3, 2, 4));
  }

  private static List<Values> readFormula(List<Values> in, int d, int p, int width) {
    Values x = in.get(0);
    int tokens = x.size(0);
    int rows = 2 * d + p;
    double[][] maps = new double[tokens][rows];
    double post = 0;
    double mixer = 0;
    for (int t = 0; t < tokens; t++) {
      double square = 0;
      for (int k = 0; k < d * width; k++) {
        square += Math.pow(x.at(t, k / width, k % width), 2) / (d * width);
      }
      for (int r = 0; r < rows; r++) {
        double v = 0;
        for (int k = 0; k < d * width; k++) {
          v += in.get(1).at(r, k) * x.at(t, k / width, k % width) / Math.sqrt(square + EPS);
        }
        int group = Math.min(r / d, 2);
        double value = in.get(2).at(group) * v + in.get(3).at(r);
        double sigmoid = 1 / (1 + Math.exp(-value));
        maps[t][r] = group == 0 ? sigmoid : value;
        post += group == 1 ? 4 * sigmoid * sigmoid / (d * tokens) : 0;
        mixer += group == 2 ? value * value / (p * tokens) : 0;
      }
    }
    Values u =
        Values.build(
            new int[] {tokens, width},
            i -> {
              double sum = 0;
              for (int j = 0; j < d; j++) {
                sum += maps[i[0]][j] * x.at(i[0], j, i[1]);
              }
              return sum;
            });
    return List.of(
        u,
        new Values(new double[] {post}, new int[0]),
        new Values(new double[] {mixer}, new int[0]));
  }

  private static OpSpec write() {
    var spec = OpSpec.of(StreamWrite.class, "streamWrite");
    OpSpec.One call = first(new StreamWrite());
    for (int[] n :
        new int[][] {{1, 3, 2}, {2, 4, 3}, {3, 1, 5}, {4, 20, 2}, {2, 2, 70}, {2, 3, 0}}) {
      int d = n[0];
      spec.on(
          call,
          MixingSpecs::writeFormula,
          any(n[2], d, n[1]),
          any((long) d * d, n[2]),
          any(d, n[2]),
          any(n[2], n[1]));
    }
    return spec.refuses(
            ShapeException.class,
            List.of("post", "[3, 3]"),
            call,
            any(3, 2, 4),
            any(4, 3),
            any(3, 3),
            any(3, 4))
        .refuses(
            ShapeException.class,
            List.of("h", "[3, 4]"),
            call,
            any(3, 2, 4),
            any(3, 4),
            any(2, 3),
            any(3, 4))
        .refuses(
            ShapeException.class,
            List.of("f", "[3, 5]"),
            call,
            any(3, 2, 4),
            any(4, 3),
            any(2, 3),
            any(3, 5));
  }

  private static Values writeFormula(List<Values> in) {
    Values x = in.get(0);
    int d = x.size(-2);
    return Values.build(
        x.shape(),
        i -> {
          double sum = in.get(2).at(i[1], i[0]) * in.get(3).at(i[0], i[2]);
          for (int j = 0; j < d; j++) {
            sum += in.get(1).at(i[1] * d + j, i[0]) * x.at(i[0], j, i[2]);
          }
          return sum;
        });
  }

  /** u, and numbers that depend on all of y, post and z. */
  private static Tensor[] writeReadAll(Ops ops, List<Tensor> in) {
    Tensor[] out = ops.apply(new StreamWriteRead(EPS), in.toArray(Tensor[]::new));
    return new Tensor[] {
      meanSquare(ops, out[0]), out[1], meanSquare(ops, out[2]), meanSquare(ops, out[3])
    };
  }

  private static OpSpec writeRead() {
    var spec = OpSpec.of(StreamWriteRead.class, "streamWriteRead");
    for (int[] n :
        new int[][] {{1, 0, 3, 2}, {2, 1, 4, 3}, {4, 6, 3, 2}, {2, 1, 3, 0}, {2, 1, 2, 35}}) {
      int d = n[0];
      int p = n[1];
      int width = n[2];
      spec.onAll(
          MixingSpecs::writeReadAll,
          in -> {
            Values y = writeFormula(in);
            List<Values> read =
                readFormula(List.of(y, in.get(4), in.get(5), in.get(6)), d, p, width);
            double square = Arrays.stream(y.data()).map(v -> v * v).average().orElse(0);
            var mean = new Values(new double[] {square}, new int[0]);
            return List.of(mean, read.get(0), read.get(1), read.get(2));
          },
          any(n[3], d, width),
          any((long) d * d, n[3]),
          any(d, n[3]),
          any(n[3], width),
          any(2 * d + p, (long) d * width),
          any(3),
          any(2 * d + p));
    }
    OpSpec.One call = first(new StreamWriteRead(EPS));
    return spec.refuses(
            ShapeException.class,
            List.of("[2d + P, d·width]", "[5, 7]"),
            call,
            any(3, 2, 4),
            any(4, 3),
            any(2, 3),
            any(3, 4),
            any(5, 7),
            any(3),
            any(5))
        .refuses(
            ShapeException.class,
            List.of("post", "[3, 3]"),
            call,
            any(3, 2, 4),
            any(4, 3),
            any(3, 3),
            any(3, 4),
            any(5, 8),
            any(3),
            any(5))
        .refuses(ShapeException.class, List.of("inputs"), call, any(3, 2, 4));
  }
}
