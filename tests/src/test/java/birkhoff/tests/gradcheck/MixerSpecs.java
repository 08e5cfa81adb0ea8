package birkhoff.tests.gradcheck;

import static birkhoff.tests.gradcheck.MixingSpecs.first;
import static birkhoff.tests.gradcheck.Operand.any;

import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.op.mixing.Kronecker;
import birkhoff.engine.op.mixing.MixerMap;
import birkhoff.engine.op.mixing.SkewPart;
import birkhoff.tests.golden.GoldenFamily;
import birkhoff.tests.golden.GoldenMixer;
import java.util.List;
import java.util.function.UnaryOperator;

/** The maps that make the matrices of hyper-connections. */
final class MixerSpecs {
  private MixerSpecs() {}

  static List<OpSpec> all() {
    return List.of(cayley(), permutations(), sinkhorn(), identity(), kronecker(), skewPart());
  }

  private static OpSpec spec(String name) {
    return OpSpec.of(MixerMap.class, name);
  }

  private static void on(OpSpec spec, MixerShape shape, UnaryOperator<double[]> formula) {
    for (long tokens : new long[] {0, 1, 3, 8, 17, 70}) {
      spec.on(
          first(new MixerMap(shape)),
          in -> perToken(in.getFirst(), shape.d() * shape.d(), formula),
          any(shape.parameters(), tokens));
    }
  }

  /** A formula for one token, applied to every column. */
  private static Values perToken(Values z, int rows, UnaryOperator<double[]> formula) {
    int tokens = z.size(-1);
    double[][] h = new double[tokens][];
    for (int t = 0; t < tokens; t++) {
      h[t] = formula.apply(column(z, t));
    }
    return Values.build(new int[] {rows, tokens}, i -> h[i[1]][i[0]]);
  }

  private static double[] column(Values z, int t) {
    double[] own = new double[z.size(0)];
    for (int k = 0; k < own.length; k++) {
      own[k] = z.at(k, t);
    }
    return own;
  }

  private static OpSpec cayley() {
    var spec = spec("cayleyMixer");
    for (int[] n : new int[][] {{1, 2}, {2, 1}, {2, 2}, {3, 1}, {4, 2}}) {
      on(spec, new MixerShape.Cayley(n[0], n[1]), z -> GoldenMixer.forward(z, n[0], n[1]));
    }
    return spec.refuses(
            ShapeException.class,
            List.of("[6, tokens]", "[5, 2]"),
            first(new MixerMap(new MixerShape.Cayley(2, 2))),
            any(5, 2))
        .refuses(
            ShapeException.class,
            List.of("d=0"),
            (ops, in) -> ops.apply(new MixerMap(new MixerShape.Cayley(0, 2)), in.getFirst())[0],
            any(5, 2));
  }

  private static OpSpec permutations() {
    var spec = spec("permutationMixer");
    for (int d : new int[] {1, 2, 3, 4}) {
      on(spec, new MixerShape.Permutations(d), z -> GoldenFamily.permutations(z, d));
    }
    return spec.refuses(
            ShapeException.class,
            List.of("[6, tokens]", "[5, 2]"),
            first(new MixerMap(new MixerShape.Permutations(3))),
            any(5, 2))
        .refuses(
            ShapeException.class,
            List.of("d=8", "d! permutations"),
            (ops, in) -> ops.apply(new MixerMap(new MixerShape.Permutations(8)), in.getFirst())[0],
            any(5, 2));
  }

  private static OpSpec sinkhorn() {
    var spec = spec("sinkhornMixer");
    for (int[] n : new int[][] {{1, 1}, {2, 1}, {3, 4}, {4, 20}}) {
      on(spec, new MixerShape.Sinkhorn(n[0], n[1]), z -> GoldenFamily.sinkhorn(z, n[0], n[1]));
    }
    return spec.refuses(
            ShapeException.class,
            List.of("[9, tokens]", "[5, 2]"),
            first(new MixerMap(new MixerShape.Sinkhorn(3, 20))),
            any(5, 2))
        .refuses(
            ShapeException.class,
            List.of("0 iterations"),
            (ops, in) -> ops.apply(new MixerMap(new MixerShape.Sinkhorn(3, 0)), in.getFirst())[0],
            any(9, 2));
  }

  private static OpSpec identity() {
    var spec = spec("identityMixer");
    for (int d : new int[] {1, 3}) {
      on(
          spec,
          new MixerShape.Identity(d),
          z -> {
            var h = new double[d * d];
            for (int i = 0; i < d; i++) {
              h[i * d + i] = 1;
            }
            return h;
          });
    }
    return spec.refuses(
        ShapeException.class,
        List.of("[0, tokens]"),
        first(new MixerMap(new MixerShape.Identity(2))),
        any(5, 2));
  }

  private static OpSpec kronecker() {
    var spec = OpSpec.of(Kronecker.class, "kronecker");
    for (int[] n : new int[][] {{1, 1, 3}, {2, 2, 1}, {2, 3, 70}, {2, 2, 0}, {3, 1, 2}}) {
      int a = n[0];
      int b = n[1];
      spec.on(
          first(new Kronecker(a, b)),
          in -> {
            Values left = in.get(0);
            Values right = in.get(1);
            return Values.build(
                new int[] {a * b * a * b, left.size(1)},
                i -> GoldenFamily.kronecker(column(left, i[1]), a, column(right, i[1]), b)[i[0]]);
          },
          any((long) a * a, n[2]),
          any((long) b * b, n[2]));
    }
    return spec.refuses(
            ShapeException.class,
            List.of("right", "[3, 2]"),
            first(new Kronecker(2, 2)),
            any(4, 2),
            any(3, 2))
        .refuses(
            ShapeException.class,
            List.of("a·b <= 1024"),
            first(new Kronecker(0, 2)),
            any(4, 2),
            any(4, 2));
  }

  private static OpSpec skewPart() {
    var spec = OpSpec.of(SkewPart.class, "skewPart");
    for (int n : new int[] {1, 2, 5}) {
      for (long tokens : new long[] {0, 1, 7, 17, 70}) {
        spec.on(
            first(new SkewPart(n)),
            in ->
                perToken(in.getFirst(), n * (n - 1) / 2, theta -> GoldenFamily.skewPart(theta, n)),
            any((long) n * n, tokens));
      }
    }
    return spec.refuses(
        ShapeException.class, List.of("[9, tokens]"), first(new SkewPart(3)), any(5, 2));
  }
}
