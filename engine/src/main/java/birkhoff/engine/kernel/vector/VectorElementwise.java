package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.kernel.scalar.ScalarElementwise;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Elementwise float32 kernels. Operands with increments other than 0 and 1 take the scalar way. */
public final class VectorElementwise implements Elementwise {
  // One copy of each loop in a JVM, so that a second engine finds them compiled.
  private static final List<UnaryKernel> UNARY =
      Specialized.copies(UnaryLoop.class, Arrays.stream(UnaryOp.values()), UnaryKernel.class);
  private static final List<BinaryKernel> BINARY = binary(BinaryFunctions::f);
  private static final List<BinaryKernel> DA = binary(BinaryFunctions::da);
  private static final List<BinaryKernel> DB = binary(BinaryFunctions::db);

  private final Elementwise strided = new ScalarElementwise(DType.FLOAT32);

  public VectorElementwise() {}

  private static List<BinaryKernel> binary(Function<BinaryOp, BinaryFunctions.Form> form) {
    return Specialized.copies(
        BinaryLoop.class, Arrays.stream(BinaryOp.values()).map(form), BinaryKernel.class);
  }

  @Override
  public void unary(UnaryOp op, MemorySegment x, MemorySegment y, long lo, long hi) {
    UNARY.get(op.ordinal()).map(x, y, lo, hi);
  }

  @Override
  public void unaryVjp(
      UnaryOp op,
      MemorySegment x,
      MemorySegment y,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    MemorySegment saved =
        switch (op.needs()) {
          case INPUT -> x;
          case OUTPUT -> y;
          case NOTHING -> gy;
        };
    UNARY.get(op.ordinal()).vjp(saved, gy, gx, accumulate, lo, hi);
  }

  private static boolean isRun(long aInc, long bInc, long n) {
    return n == 1 || (aInc == 1 && (bInc == 0 || bInc == 1)) || (aInc == 0 && bInc == 1);
  }

  @Override
  public void binary(
      BinaryOp op,
      MemorySegment a,
      long aOff,
      long aInc,
      MemorySegment b,
      long bOff,
      long bInc,
      MemorySegment z,
      long zOff,
      long n) {
    if (n > 0 && isRun(aInc, bInc, n)) {
      BINARY.get(op.ordinal()).map(a, aOff, aInc == 0, b, bOff, bInc == 0, z, zOff, n);
    } else {
      strided.binary(op, a, aOff, aInc, b, bOff, bInc, z, zOff, n);
    }
  }

  @Override
  public void binaryVjp(
      BinaryOp op,
      boolean first,
      MemorySegment a,
      long aOff,
      long aInc,
      MemorySegment b,
      long bOff,
      long bInc,
      MemorySegment gz,
      MemorySegment g,
      long gOff,
      long n) {
    if (!op.needsInputs()) {
      float sign = first || op == BinaryOp.ADD ? 1 : -1;
      scale(sign, gz, gOff, g, gOff, n);
    } else if (n > 0 && isRun(aInc, bInc, n)) {
      BinaryKernel kernel = (first ? DA : DB).get(op.ordinal());
      kernel.scaled(a, aOff, aInc == 0, b, bOff, bInc == 0, gz, g, gOff, n);
    } else {
      strided.binaryVjp(op, first, a, aOff, aInc, b, bOff, bInc, gz, g, gOff, n);
    }
  }

  @Override
  public void axpby(double alpha, MemorySegment x, double beta, MemorySegment y, long lo, long hi) {
    if (beta == 0) {
      scale((float) alpha, x, lo, y, lo, hi - lo);
      return;
    }
    float a = (float) alpha;
    float b = (float) beta;
    long i = lo;
    for (; i <= hi - LENGTH; i += LENGTH) {
      store(load(x, i).lanewise(VectorOperators.FMA, a, load(y, i).mul(b)), y, i);
    }
    if (i < hi) {
      VectorMask<Float> rest = Lanes.first(hi - i);
      FloatVector scaled = load(y, i, rest).mul(b);
      store(load(x, i, rest).lanewise(VectorOperators.FMA, a, scaled), y, i, rest);
    }
  }

  private static void scale(
      float alpha, MemorySegment x, long xOff, MemorySegment y, long yOff, long n) {
    if (alpha == 1) {
      MemorySegment.copy(x, xOff * Float.BYTES, y, yOff * Float.BYTES, n * Float.BYTES);
      return;
    }
    long i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      store(load(x, xOff + i).mul(alpha), y, yOff + i);
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      store(load(x, xOff + i, rest).mul(alpha), y, yOff + i, rest);
    }
  }

  @Override
  public void copy(
      MemorySegment x, long xOff, long xInc, MemorySegment y, long yOff, long yInc, long n) {
    if (xInc == 1 && yInc == 1) {
      MemorySegment.copy(x, xOff * Float.BYTES, y, yOff * Float.BYTES, n * Float.BYTES);
    } else if (xInc == 0 && yInc == 1 && n > 0) {
      fill(x.getAtIndex(JAVA_FLOAT, xOff), y, yOff, yOff + n);
    } else {
      for (long i = 0; i < n; i++) {
        y.setAtIndex(JAVA_FLOAT, yOff + i * yInc, x.getAtIndex(JAVA_FLOAT, xOff + i * xInc));
      }
    }
  }

  @Override
  public void fill(double value, MemorySegment y, long lo, long hi) {
    // C2 vectorizes this loop by itself, and better than stores of the Vector API.
    float v = (float) value;
    for (long i = lo; i < hi; i++) {
      y.setAtIndex(ValueLayout.JAVA_FLOAT, i, v);
    }
  }
}
