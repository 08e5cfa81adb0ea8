package birkhoff.tests.gradcheck;

import static birkhoff.tests.gradcheck.Operand.any;
import static birkhoff.tests.gradcheck.Operand.ids;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.op.elementwise.Binary;
import birkhoff.engine.op.elementwise.Scale;
import birkhoff.engine.op.elementwise.Unary;
import birkhoff.engine.op.fused.Dropout;
import birkhoff.engine.op.reduce.Sum;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Elementwise operations and reductions. */
final class ElementwiseSpecs {
  private static final long[][] SHAPES = {{}, {0}, {1}, {3, 0, 2}, {7}, {3, 5}, {8}, {2, 3, 17}};

  private ElementwiseSpecs() {}

  static List<OpSpec> all() {
    var specs = new ArrayList<OpSpec>();
    for (UnaryOp op : UnaryOp.values()) {
      specs.add(unary(op));
    }
    for (BinaryOp op : BinaryOp.values()) {
      specs.add(binary(op));
    }
    specs.add(scale());
    specs.add(dropout());
    specs.add(sum());
    return specs;
  }

  private static OpSpec unary(UnaryOp op) {
    var spec = OpSpec.of(Unary.class, op.name().toLowerCase(Locale.ROOT));
    for (long[] shape : SHAPES) {
      Operand x =
          switch (op) {
            case SQRT, LOG, RECIPROCAL -> Operand.positive(shape);
            case ABS, RELU -> Operand.awayFromZero(shape);
            default -> any(shape);
          };
      spec.on(
          (ops, in) -> ops.unary(op, in.get(0)),
          in -> Values.build(in.get(0).shape(), i -> Formulas.unary(op, in.get(0).at(i))),
          x);
    }
    return spec.refuses(
        DTypeException.class,
        List.of("int32[3]"),
        (ops, in) -> ops.unary(op, in.get(0)),
        ids(9, 3));
  }

  private static OpSpec binary(BinaryOp op) {
    var spec = OpSpec.of(Binary.class, op.name().toLowerCase(Locale.ROOT));
    long[][][] pairs = {
      {{}, {}},
      {{3, 5}, {3, 5}},
      {{3, 5}, {5}},
      {{3, 5}, {}},
      {{1}, {4}},
      {{3, 1}, {1, 5}},
      {{2, 1, 3}, {4, 1}},
      {{2, 3, 4}, {3, 1}},
      {{2, 3, 4}, {2, 1, 4}},
      {{0, 3}, {3}},
      {{0, 3}, {1, 3}},
      {{2, 1}, {2, 0}},
      {{2, 33}, {2, 33}},
    };
    boolean kink = op == BinaryOp.MAX || op == BinaryOp.MIN;
    for (long[][] pair : pairs) {
      Operand a = kink ? Operand.grid(0, pair[0]) : any(pair[0]);
      Operand b = kink ? Operand.grid(0.25, pair[1]) : Operand.awayFromZero(pair[1]);
      spec.on(
          (ops, in) -> ops.binary(op, in.get(0), in.get(1)),
          in -> Formulas.binary(op, in.get(0), in.get(1)),
          a,
          b);
    }
    return spec.on(
            (ops, in) -> ops.binary(op, in.get(0), in.get(0)),
            in -> Formulas.binary(op, in.get(0), in.get(0)),
            // The two sides of a tie have different derivatives.
            kink ? any(0, 2) : Operand.awayFromZero(3, 2))
        .refuses(
            ShapeException.class,
            List.of("[2, 3]", "[4]", "do not broadcast"),
            (ops, in) -> ops.binary(op, in.get(0), in.get(1)),
            any(2, 3),
            any(4))
        .refuses(
            DTypeException.class,
            List.of("int32[3]"),
            (ops, in) -> ops.binary(op, in.get(0), in.get(1)),
            any(3),
            ids(2, 3));
  }

  private static OpSpec scale() {
    var spec = OpSpec.of(Scale.class, "scale");
    for (double alpha : new double[] {-1.5, 0, 1}) {
      for (long[] shape : SHAPES) {
        spec.on(
            (ops, in) -> ops.scale(in.get(0), alpha),
            in -> Values.build(in.get(0).shape(), i -> alpha * in.get(0).at(i)),
            any(shape));
      }
    }
    return spec.refuses(
        DTypeException.class, List.of("int32[2]"), (ops, in) -> ops.scale(in.get(0), 2), ids(2, 2));
  }

  private static OpSpec dropout() {
    var spec = OpSpec.of(Dropout.class, "dropout");
    for (double p : new double[] {0, 0.1, 0.75}) {
      for (long[] shape : new long[][] {{}, {0}, {7}, {9}, {4, 65}}) {
        spec.on(
            (ops, in) -> ops.dropout(in.get(0), p, 99),
            in -> Formulas.dropout(in.get(0), p, 99),
            any(shape));
      }
    }
    for (double p : new double[] {-0.1, 1, Double.NaN}) {
      spec.refuses(
          ShapeException.class,
          List.of("p = " + p, "[0, 1)"),
          (ops, in) -> ops.dropout(in.get(0), p, 1),
          any(3));
    }
    return spec;
  }

  private static OpSpec sum() {
    var spec = OpSpec.of(Sum.class, "sum");
    sumOver(spec, new long[] {}, new int[] {});
    sumOver(spec, new long[] {0}, new int[] {});
    sumOver(spec, new long[] {7}, new int[] {});
    sumOver(spec, new long[] {3, 5}, new int[] {});
    sumOver(spec, new long[] {3, 5}, new int[] {0});
    sumOver(spec, new long[] {3, 5}, new int[] {-1});
    sumOver(spec, new long[] {3, 1, 5}, new int[] {1});
    sumOver(spec, new long[] {2, 3, 4}, new int[] {1});
    sumOver(spec, new long[] {2, 3, 4}, new int[] {0, 2});
    sumOver(spec, new long[] {2, 3, 4, 2}, new int[] {-1, 1});
    sumOver(spec, new long[] {2, 0, 3}, new int[] {1});
    sumOver(spec, new long[] {2, 0, 3}, new int[] {0});
    sumOver(spec, new long[] {130, 3}, new int[] {0});
    return spec.on(
            (ops, in) -> ops.mean(in.get(0), 1),
            in -> {
              Values s = Formulas.sum(in.get(0), new boolean[] {false, true});
              return Values.build(s.shape(), i -> s.at(i) / 5);
            },
            any(3, 5))
        .refuses(
            ShapeException.class,
            List.of("axis 2", "[3, 4]"),
            (ops, in) -> ops.sum(in.get(0), 2),
            any(3, 4))
        .refuses(
            ShapeException.class,
            List.of("twice"),
            (ops, in) -> ops.sum(in.get(0), 1, -1),
            any(3, 4))
        .refuses(
            DTypeException.class, List.of("int32[3]"), (ops, in) -> ops.sum(in.get(0)), ids(4, 3));
  }

  private static void sumOver(OpSpec spec, long[] shape, int... axes) {
    boolean[] reduced = new boolean[shape.length];
    java.util.Arrays.fill(reduced, axes.length == 0);
    for (int axis : axes) {
      reduced[axis < 0 ? axis + shape.length : axis] = true;
    }
    spec.on(
        (ops, in) -> ops.sum(in.get(0), axes), in -> Formulas.sum(in.get(0), reduced), any(shape));
  }
}
