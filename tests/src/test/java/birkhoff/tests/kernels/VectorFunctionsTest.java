package birkhoff.tests.kernels;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.kernel.vector.BinaryFunctions;
import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.engine.kernel.vector.UnaryFunctions;
import birkhoff.tests.support.Bound;
import birkhoff.tests.support.Numeric;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import java.util.function.DoubleBinaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The vector form of each function is that of its definition. {@link ElementwiseParityTest} checks
 * the loops, and more closely; but those hold copies, made by the build, of what runs here.
 */
class VectorFunctionsTest {
  /** Some roundings, and for GELU's derivatives what they are off absolutely. */
  private static final Bound CLOSE =
      (i, e, largest) -> 4 * Bound.ulp(e) + 10 * Bound.FLOAT_ROUNDOFF;

  @ParameterizedTest
  @EnumSource
  void unary(UnaryOp op) {
    float[] x = numbers("unary", op);
    for (int i = 0; i < x.length && (op == UnaryOp.SQRT || op == UnaryOp.LOG); i++) {
      x[i] = Math.abs(x[i]);
    }
    float[] f = new float[x.length];
    float[] df = new float[x.length];
    float[] read = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      f[i] = (float) op.f(x[i]);
      read[i] = op.needs() == UnaryOp.Needs.OUTPUT ? f[i] : x[i];
      df[i] = (float) op.df(x[i], f[i]);
    }
    check(op + "", f, UnaryFunctions.f(op, FloatVector.fromArray(Lanes.F, x, 0)));
    check(op + " df", df, UnaryFunctions.df(op, FloatVector.fromArray(Lanes.F, read, 0)));
  }

  @ParameterizedTest
  @EnumSource
  void binary(BinaryOp op) {
    check(op + "", BinaryFunctions.f(op), op::f, op);
    check(op + " da", BinaryFunctions.da(op), op::da, op);
    check(op + " db", BinaryFunctions.db(op), op::db, op);
  }

  private static void check(
      String name, BinaryFunctions.Form form, DoubleBinaryOperator exact, BinaryOp op) {
    float[] a = numbers("a", op);
    float[] b = numbers("b", op);
    a[1] = b[1];
    float[] expected = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      expected[i] = (float) exact.applyAsDouble(a[i], b[i]);
    }
    FloatVector va = FloatVector.fromArray(Lanes.F, a, 0);
    FloatVector vb = FloatVector.fromArray(Lanes.F, b, 0);
    check(name, expected, BinaryFunctions.of(form, va, vb));
  }

  private static void check(String name, float[] expected, FloatVector got) {
    Numeric.assertClose(name, expected, got.toArray(), CLOSE);
  }

  /** As many as a vector has, between -4 and 4, not too close to 0 to divide by. */
  private static float[] numbers(Object... key) {
    float[] x = RandomArrays.floats(Seeds.random(key), Lanes.LENGTH, 4);
    for (int i = 0; i < x.length; i++) {
      x[i] = x[i] < 0 ? Math.min(x[i], -0.25f) : Math.max(x[i], 0.25f);
    }
    return x;
  }
}
