package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.ORDER;
import static birkhoff.engine.kernel.vector.MixedLanes.BYTES;
import static birkhoff.engine.kernel.vector.MixedLanes.S;
import static jdk.incubator.vector.ShortVector.fromMemorySegment;

import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** What {@link FunctionLoops} is for float32, on bfloat16 memory. */
final class MixedFunctionLoops {
  private MixedFunctionLoops() {}

  /** The function of {@code op}, or null where {@link MixedLoop} serves it. */
  static UnaryMap map(UnaryOp op) {
    return switch (op) {
      case EXP -> MixedFunctionLoops::exp;
      case LOG -> MixedFunctionLoops::log;
      case TANH -> MixedFunctionLoops::tanh;
      case SIGMOID -> MixedFunctionLoops::sigmoid;
      case ERF -> MixedFunctionLoops::erf;
      case GELU_ERF -> MixedFunctionLoops::geluErf;
      case GELU_TANH -> MixedFunctionLoops::geluTanh;
      default -> null;
    };
  }

  /** The derivative's loop of {@code op}, or null where {@link MixedLoop} serves it. */
  static UnaryVjp vjp(UnaryOp op) {
    return switch (op) {
      case ERF -> MixedFunctionLoops::erfVjp;
      case GELU_ERF -> MixedFunctionLoops::geluErfVjp;
      case GELU_TANH -> MixedFunctionLoops::geluTanhVjp;
      default -> null;
    };
  }

  private static void exp(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(FastMath.exp(v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(FastMath.exp(v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void log(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(FastMath.log(v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(FastMath.log(v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void tanh(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(FastMath.tanh(v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(FastMath.tanh(v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void sigmoid(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(FastMath.sigmoid(v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(FastMath.sigmoid(v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void erf(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(FastMath.erf(v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(FastMath.erf(v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void geluErf(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(FastMath.geluErf(v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(FastMath.geluErf(v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void geluTanh(MemorySegment x, MemorySegment y, long lo, long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER));
      MixedLanes.narrow(FastMath.geluTanh(v)).intoMemorySegment(y, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, x, at, ORDER, rest));
      MixedLanes.narrow(FastMath.geluTanh(v)).intoMemorySegment(y, at, ORDER, rest);
    }
  }

  private static void erfVjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, saved, at, ORDER));
      FloatVector g = MixedLanes.widen(fromMemorySegment(S, gy, at, ORDER));
      MixedLanes.narrow(FastMath.erfDerivative(v).mul(g)).intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, saved, at, ORDER, rest));
      FloatVector g = MixedLanes.widen(fromMemorySegment(S, gy, at, ORDER, rest));
      MixedLanes.narrow(FastMath.erfDerivative(v).mul(g)).intoMemorySegment(gx, at, ORDER, rest);
    }
  }

  private static void geluErfVjp(
      MemorySegment saved,
      MemorySegment gy,
      MemorySegment gx,
      boolean accumulate,
      long lo,
      long hi) {
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, saved, at, ORDER));
      FloatVector g = MixedLanes.widen(fromMemorySegment(S, gy, at, ORDER));
      MixedLanes.narrow(FastMath.geluErfDerivative(v).mul(g)).intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, saved, at, ORDER, rest));
      FloatVector g = MixedLanes.widen(fromMemorySegment(S, gy, at, ORDER, rest));
      MixedLanes.narrow(FastMath.geluErfDerivative(v).mul(g))
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
    long at = lo * Short.BYTES;
    long end = hi * Short.BYTES;
    for (; at <= end - BYTES; at += BYTES) {
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, saved, at, ORDER));
      FloatVector g = MixedLanes.widen(fromMemorySegment(S, gy, at, ORDER));
      MixedLanes.narrow(FastMath.geluTanhDerivative(v).mul(g)).intoMemorySegment(gx, at, ORDER);
    }
    if (at < end) {
      VectorMask<Short> rest = S.indexInRange(0, (end - at) / Short.BYTES);
      FloatVector v = MixedLanes.widen(fromMemorySegment(S, saved, at, ORDER, rest));
      FloatVector g = MixedLanes.widen(fromMemorySegment(S, gy, at, ORDER, rest));
      MixedLanes.narrow(FastMath.geluTanhDerivative(v).mul(g))
          .intoMemorySegment(gx, at, ORDER, rest);
    }
  }
}
