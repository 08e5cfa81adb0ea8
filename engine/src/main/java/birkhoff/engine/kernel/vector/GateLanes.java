package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import birkhoff.engine.kernel.Mixing.GateShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The maps from generator output, row by row, tokens in lanes. */
final class GateLanes {
  private static final VectorSpecies<Integer> I =
      VectorSpecies.of(int.class, VectorShape.forBitSize(F.vectorBitSize()));

  private GateLanes() {}

  static void forward(
      GateShape shape,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment gate,
      MemorySegment bias,
      MemorySegment maps,
      long tokens,
      long lo,
      long hi) {
    for (int r = 0; r < shape.rows(); r++) {
      int group = Math.min(r / shape.d(), 2);
      float a = gate.getAtIndex(ValueLayout.JAVA_FLOAT, group);
      float b = bias.getAtIndex(ValueLayout.JAVA_FLOAT, r);
      long row = r * tokens;
      if (group == 2) {
        affine(raw, rrms, a, b, maps, row, lo, hi);
      } else {
        sigmoid(raw, rrms, a, b, group + 1, maps, row, lo, hi);
      }
    }
  }

  private static void affine(
      MemorySegment raw,
      MemorySegment rrms,
      float a,
      float b,
      MemorySegment maps,
      long row,
      long lo,
      long hi) {
    FloatVector bias = FloatVector.broadcast(F, b);
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      argument(raw, rrms, a, bias, row, t).intoMemorySegment(maps, (row + t) * Float.BYTES, ORDER);
    }
    if (t < hi) {
      VectorMask<Float> tail = F.indexInRange(t, hi);
      argument(raw, rrms, a, bias, row, t, tail)
          .intoMemorySegment(maps, (row + t) * Float.BYTES, ORDER, tail);
    }
  }

  private static void sigmoid(
      MemorySegment raw,
      MemorySegment rrms,
      float a,
      float b,
      float scale,
      MemorySegment maps,
      long row,
      long lo,
      long hi) {
    FloatVector bias = FloatVector.broadcast(F, b);
    long t = lo;
    for (; t + LENGTH <= hi; t += LENGTH) {
      sigmoid(argument(raw, rrms, a, bias, row, t))
          .mul(scale)
          .intoMemorySegment(maps, (row + t) * Float.BYTES, ORDER);
    }
    if (t < hi) {
      VectorMask<Float> tail = F.indexInRange(t, hi);
      sigmoid(argument(raw, rrms, a, bias, row, t, tail))
          .mul(scale)
          .intoMemorySegment(maps, (row + t) * Float.BYTES, ORDER, tail);
    }
  }

  private static FloatVector argument(
      MemorySegment raw, MemorySegment rrms, float a, FloatVector bias, long row, long t) {
    return FloatVector.fromMemorySegment(F, raw, (row + t) * Float.BYTES, ORDER)
        .mul(FloatVector.fromMemorySegment(F, rrms, t * Float.BYTES, ORDER).mul(a))
        .add(bias);
  }

  private static FloatVector argument(
      MemorySegment raw,
      MemorySegment rrms,
      float a,
      FloatVector bias,
      long row,
      long t,
      VectorMask<Float> tail) {
    return FloatVector.fromMemorySegment(F, raw, (row + t) * Float.BYTES, ORDER, tail)
        .mul(FloatVector.fromMemorySegment(F, rrms, t * Float.BYTES, ORDER, tail).mul(a))
        .add(bias);
  }

  private static FloatVector sigmoid(FloatVector v) {
    return FloatVector.broadcast(F, 1).div(exp(v.neg()).add(1));
  }

  private static FloatVector exp(FloatVector x) {
    FloatVector v = x.max(-87f).min(88f);
    // Adding and subtracting 1.5·2²³ rounds to the nearest integer.
    FloatVector k = v.fma(1.44269504f, 12582912f).sub(12582912f);
    FloatVector r = k.fma(FloatVector.broadcast(F, -0.693145752f), v).add(k.mul(-1.42860677e-6f));
    FloatVector p = FloatVector.broadcast(F, 1.3981999e-3f);
    p = p.fma(r, FloatVector.broadcast(F, 8.3334519e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 4.1665796e-2f));
    p = p.fma(r, FloatVector.broadcast(F, 1.6666657e-1f));
    p = p.fma(r, FloatVector.broadcast(F, 0.5f));
    p = p.fma(r, FloatVector.broadcast(F, 1f));
    p = p.fma(r, FloatVector.broadcast(F, 1f));
    IntVector power = (IntVector) k.convertShape(VectorOperators.F2I, I, 0);
    return p.mul(power.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
  }

  static void backward(
      GateShape shape,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment gate,
      MemorySegment maps,
      MemorySegment gmaps,
      MemorySegment graw,
      MemorySegment grrms,
      MemorySegment partial,
      long partialOff,
      long tokens,
      long lo,
      long hi) {
    for (int k = 0; k < 3; k++) {
      partial.setAtIndex(ValueLayout.JAVA_FLOAT, partialOff + k, 0);
    }
    for (int r = 0; r < shape.rows(); r++) {
      int group = Math.min(r / shape.d(), 2);
      float a = gate.getAtIndex(ValueLayout.JAVA_FLOAT, group);
      // dv = gm·m·(1 - m/scale) behind scale·σ(v), gm behind the identity.
      float slope = group == 2 ? 0 : 1f / (group + 1);
      row(
          group == 2,
          slope,
          a,
          raw,
          rrms,
          maps,
          gmaps,
          graw,
          grrms,
          r > 0,
          partial,
          partialOff + group,
          partialOff + 3 + r,
          r * tokens,
          lo,
          hi);
    }
  }

  private static void row(
      boolean linear,
      float slope,
      float a,
      MemorySegment raw,
      MemorySegment rrms,
      MemorySegment maps,
      MemorySegment gmaps,
      MemorySegment graw,
      MemorySegment grrms,
      boolean accumulate,
      MemorySegment partial,
      long gateSlot,
      long biasSlot,
      long row,
      long lo,
      long hi) {
    FloatVector gateSum = FloatVector.zero(F);
    FloatVector biasSum = FloatVector.zero(F);
    for (long t = lo; t < hi; t += LENGTH) {
      // Lanes beyond the end load zeros, which add nothing to the sums.
      VectorMask<Float> in = F.indexInRange(t, hi);
      long at = (row + t) * Float.BYTES;
      FloatVector x = FloatVector.fromMemorySegment(F, raw, at, ORDER, in);
      FloatVector scale = FloatVector.fromMemorySegment(F, rrms, t * Float.BYTES, ORDER, in);
      FloatVector gv = FloatVector.fromMemorySegment(F, gmaps, at, ORDER, in);
      if (!linear) {
        FloatVector m = FloatVector.fromMemorySegment(F, maps, at, ORDER, in);
        gv = gv.mul(m.mul(m.mul(-slope).add(1)));
      }
      biasSum = biasSum.add(gv);
      FloatVector gx = gv.mul(x);
      gateSum = gx.fma(scale, gateSum);
      gv.mul(scale).mul(a).intoMemorySegment(graw, at, ORDER, in);
      FloatVector gr = gx.mul(a);
      if (accumulate) {
        gr = gr.add(FloatVector.fromMemorySegment(F, grrms, t * Float.BYTES, ORDER, in));
      }
      gr.intoMemorySegment(grrms, t * Float.BYTES, ORDER, in);
    }
    float before = partial.getAtIndex(ValueLayout.JAVA_FLOAT, gateSlot);
    partial.setAtIndex(ValueLayout.JAVA_FLOAT, gateSlot, before + Lanes.sum(gateSum));
    partial.setAtIndex(ValueLayout.JAVA_FLOAT, biasSlot, Lanes.sum(biasSum));
  }
}
