package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The loops of the unary functions that are too long for {@link UnaryLoop}: called through a
 * variable they would be inlined or not as the compiler's budget happens to be, while what is
 * called by name is inlined by the build.
 */
final class FunctionLoops {
  private FunctionLoops() {}

  /** The function of {@code op}, or null where {@link UnaryLoop} serves it. */
  static UnaryMap map(UnaryOp op) {
    return switch (op) {
      case EXP -> FunctionLoops::exp;
      case LOG -> FunctionLoops::log;
      case TANH -> FunctionLoops::tanh;
      case SIGMOID -> FunctionLoops::sigmoid;
      case ERF -> FunctionLoops::erf;
      case GELU_ERF -> FunctionLoops::geluErf;
      case GELU_TANH -> FunctionLoops::geluTanh;
      default -> null;
    };
  }

  /** The derivative's loop of {@code op}, or null where {@link UnaryLoop} serves it. */
  static UnaryVjp vjp(UnaryOp op) {
    return switch (op) {
      case ERF -> FunctionLoops::erfVjp;
      case GELU_ERF -> FunctionLoops::geluErfVjp;
      case GELU_TANH -> FunctionLoops::geluTanhVjp;
      default -> null;
    };
  }

  private static void exp(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FastMath.exp(fromMemorySegment(F, x, at, ORDER)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = fromMemorySegment(F, x, at, ORDER, rest);
      FastMath.exp(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void log(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FastMath.log(fromMemorySegment(F, x, at, ORDER)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = fromMemorySegment(F, x, at, ORDER, rest);
      FastMath.log(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void tanh(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FastMath.tanh(fromMemorySegment(F, x, at, ORDER)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = fromMemorySegment(F, x, at, ORDER, rest);
      FastMath.tanh(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void sigmoid(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FastMath.sigmoid(fromMemorySegment(F, x, at, ORDER)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = fromMemorySegment(F, x, at, ORDER, rest);
      FastMath.sigmoid(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void erf(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FastMath.erf(fromMemorySegment(F, x, at, ORDER)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = fromMemorySegment(F, x, at, ORDER, rest);
      FastMath.erf(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void geluErf(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FastMath.geluErf(fromMemorySegment(F, x, at, ORDER)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = fromMemorySegment(F, x, at, ORDER, rest);
      FastMath.geluErf(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void geluTanh(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Float.BYTES;
    long end = hi * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FastMath.geluTanh(fromMemorySegment(F, x, at, ORDER)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector v = fromMemorySegment(F, x, at, ORDER, rest);
      FastMath.geluTanh(v).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void erfVjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    long end = hi * Float.BYTES;
    if (accumulate) {
      erfVjpAdded(saved, gy, gx, lo * Float.BYTES, end);
      return;
    }
    long at = lo * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector df = FastMath.erfDerivative(fromMemorySegment(F, saved, at, ORDER));
      fromMemorySegment(F, gy, at, ORDER).mul(df).intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector df = FastMath.erfDerivative(fromMemorySegment(F, saved, at, ORDER, rest));
      fromMemorySegment(F, gy, at, ORDER, rest).mul(df).intoMemorySegment(gx, at, ORDER, rest);
    }
  }

  private static void erfVjpAdded(
      MemorySegment saved, MemorySegment gy, MemorySegment gx, long from, long end) {
    long at = from;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector df = FastMath.erfDerivative(fromMemorySegment(F, saved, at, ORDER));
      fromMemorySegment(F, gy, at, ORDER)
          .mul(df)
          .add(fromMemorySegment(F, gx, at, ORDER))
          .intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector df = FastMath.erfDerivative(fromMemorySegment(F, saved, at, ORDER, rest));
      fromMemorySegment(F, gy, at, ORDER, rest)
          .mul(df)
          .add(fromMemorySegment(F, gx, at, ORDER, rest))
          .intoMemorySegment(gx, at, ORDER, rest);
    }
  }

  private static void geluErfVjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    long end = hi * Float.BYTES;
    if (accumulate) {
      geluErfVjpAdded(saved, gy, gx, lo * Float.BYTES, end);
      return;
    }
    long at = lo * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector df = FastMath.geluErfDerivative(fromMemorySegment(F, saved, at, ORDER));
      fromMemorySegment(F, gy, at, ORDER).mul(df).intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector df = FastMath.geluErfDerivative(fromMemorySegment(F, saved, at, ORDER, rest));
      fromMemorySegment(F, gy, at, ORDER, rest).mul(df).intoMemorySegment(gx, at, ORDER, rest);
    }
  }

  private static void geluErfVjpAdded(
      MemorySegment saved, MemorySegment gy, MemorySegment gx, long from, long end) {
    long at = from;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector df = FastMath.geluErfDerivative(fromMemorySegment(F, saved, at, ORDER));
      fromMemorySegment(F, gy, at, ORDER)
          .mul(df)
          .add(fromMemorySegment(F, gx, at, ORDER))
          .intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector df = FastMath.geluErfDerivative(fromMemorySegment(F, saved, at, ORDER, rest));
      fromMemorySegment(F, gy, at, ORDER, rest)
          .mul(df)
          .add(fromMemorySegment(F, gx, at, ORDER, rest))
          .intoMemorySegment(gx, at, ORDER, rest);
    }
  }

  private static void geluTanhVjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    long end = hi * Float.BYTES;
    if (accumulate) {
      geluTanhVjpAdded(saved, gy, gx, lo * Float.BYTES, end);
      return;
    }
    long at = lo * Float.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector df = FastMath.geluTanhDerivative(fromMemorySegment(F, saved, at, ORDER));
      fromMemorySegment(F, gy, at, ORDER).mul(df).intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector df = FastMath.geluTanhDerivative(fromMemorySegment(F, saved, at, ORDER, rest));
      fromMemorySegment(F, gy, at, ORDER, rest).mul(df).intoMemorySegment(gx, at, ORDER, rest);
    }
  }

  private static void geluTanhVjpAdded(
      MemorySegment saved, MemorySegment gy, MemorySegment gx, long from, long end) {
    long at = from;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector df = FastMath.geluTanhDerivative(fromMemorySegment(F, saved, at, ORDER));
      fromMemorySegment(F, gy, at, ORDER)
          .mul(df)
          .add(fromMemorySegment(F, gx, at, ORDER))
          .intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Float> rest = Lanes.first((end - at) / Float.BYTES);
      FloatVector df = FastMath.geluTanhDerivative(fromMemorySegment(F, saved, at, ORDER, rest));
      fromMemorySegment(F, gy, at, ORDER, rest)
          .mul(df)
          .add(fromMemorySegment(F, gx, at, ORDER, rest))
          .intoMemorySegment(gx, at, ORDER, rest);
    }
  }
}
