package birkhoff.tests.gradcheck;

import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixed.MixedAddLayerNorm;
import birkhoff.engine.op.mixed.MixedAttention;
import birkhoff.engine.op.mixed.MixedLayerNorm;
import birkhoff.engine.op.mixed.MixedLinear;
import birkhoff.engine.op.mixed.MixedLinearCrossEntropy;
import birkhoff.engine.op.mixed.MixedUnary;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Every operation of mixed precision beside the operation of one type that it stands for. */
final class MixedCases {
  /**
   * @param narrow bfloat16, a value that products read; float32 otherwise
   * @param shape of the operand
   */
  record In(boolean narrow, long... shape) {}

  /** Applies an operation; {@code shadow} is the bfloat16 copy of operand 1. */
  @FunctionalInterface
  interface Call {
    Tensor[] apply(Ops ops, List<Tensor> in, Tensor shadow);
  }

  /**
   * @param mixed the operation itself
   * @param wide what it should come to, of one floating type
   */
  record Case(
      Class<? extends Primitive> primitive, String name, Call mixed, Call wide, List<In> in) {
    /** Whether the operation reads a bfloat16 copy of operand 1. */
    boolean shadowed() {
      return primitive == MixedLinear.class || primitive == MixedLinearCrossEntropy.class;
    }

    /** All of the operation itself; the copy comes last. */
    List<Operand> operands() {
      Stream<Operand> all =
          in.stream()
              .map(i ->
                  new Operand(
                      i.shape, i.narrow ? DType.BFLOAT16 : DType.FLOAT32, r -> r.nextInt(3)));
      return shadowed()
          ? Stream.concat(all, Stream.of(Operand.bfloat16(in.get(1).shape))).toList()
          : all.toList();
    }
  }

  private static final double EPS = 1e-5;

  private MixedCases() {}

  private static In narrow(long... shape) {
    return new In(true, shape);
  }

  private static In wide(long... shape) {
    return new In(false, shape);
  }

  private static Tensor[] one(Tensor t) {
    return new Tensor[] {t};
  }

  static List<Case> all() {
    var all = new ArrayList<Case>();
    for (DType result : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      all.add(
          new Case(
              MixedLinear.class,
              "mixedLinear to " + result,
              (o, in, s) -> one(o.mixedLinear(in.get(0), in.get(1), s, in.get(2), result)),
              (o, in, s) -> one(o.linear(in.get(0), in.get(1), in.get(2))),
              List.of(narrow(3, 37, 19), wide(23, 19), wide(23))));
      all.add(
          new Case(
              MixedLinear.class,
              "mixedLinear without bias to " + result,
              (o, in, s) -> one(o.mixedLinear(in.get(0), in.get(1), s, null, result)),
              (o, in, s) -> one(o.linear(in.get(0), in.get(1), null)),
              List.of(narrow(70, 64), wide(48, 64))));
    }
    for (UnaryOp op : List.of(UnaryOp.GELU_TANH, UnaryOp.GELU_ERF, UnaryOp.TANH, UnaryOp.NEG)) {
      all.add(
          new Case(
              MixedUnary.class,
              "mixed " + op,
              (o, in, s) -> one(o.unary(op, in.get(0))),
              (o, in, s) -> one(o.unary(op, in.get(0))),
              List.of(narrow(5, 33))));
    }
    all.add(
        new Case(
            MixedLayerNorm.class,
            "mixedLayerNorm",
            (o, in, s) -> one(o.mixedLayerNorm(in.get(0), in.get(1), in.get(2), EPS)),
            (o, in, s) -> one(o.layerNorm(in.get(0), in.get(1), in.get(2), EPS)),
            List.of(wide(2, 45, 24), wide(24), wide(24))));
    all.add(
        new Case(
            MixedLayerNorm.class,
            "mixedLayerNorm without parameters",
            (o, in, s) -> one(o.mixedLayerNorm(in.get(0), null, null, EPS)),
            (o, in, s) -> one(o.layerNorm(in.get(0), null, null, EPS)),
            List.of(wide(7, 40))));
    all.add(
        new Case(
            MixedAddLayerNorm.class,
            "mixedAddLayerNorm",
            (o, in, s) -> o.mixedAddLayerNorm(in.get(0), in.get(1), in.get(2), null, EPS),
            (o, in, s) -> o.addLayerNorm(in.get(0), in.get(1), in.get(2), null, EPS),
            List.of(wide(3, 31, 20), wide(3, 31, 20), wide(20))));
    all.add(
        new Case(
            MixedAttention.class,
            "mixedAttention",
            (o, in, s) -> one(o.causalAttention(in.get(0), 2, 0, 0)),
            (o, in, s) -> one(o.causalAttention(in.get(0), 2, 0, 0)),
            List.of(narrow(3, 21, 3 * 16))));
    all.add(
        new Case(
            MixedLinearCrossEntropy.class,
            "mixedLinearCrossEntropy",
            (o, in, s) ->
                one(o.mixedLinearCrossEntropy(in.get(0), in.get(1), s, targets(o, 41, 29))),
            (o, in, s) -> one(o.linearCrossEntropy(in.get(0), in.get(1), targets(o, 41, 29))),
            List.of(wide(41, 12), wide(29, 12))));
    return all;
  }

  /** Ids that live as long as the step. */
  private static Tensor targets(Ops ops, int rows, int vocab) {
    int[] ids = new int[rows];
    for (int i = 0; i < rows; i++) {
      ids[i] = i * 7 % vocab;
    }
    return ops.execution().allocate(TensorSpec.of(Shape.of(rows), DType.INT32)).copyFrom(ids);
  }
}
