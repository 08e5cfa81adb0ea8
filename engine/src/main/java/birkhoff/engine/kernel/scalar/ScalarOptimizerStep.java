package birkhoff.engine.kernel.scalar;

import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Updates in double, one element at a time. */
public final class ScalarOptimizerStep implements OptimizerStep {
  private final Elements e;

  public ScalarOptimizerStep(DType dtype) {
    this.e = new Elements(dtype);
  }

  @Override
  public void adamW(
      MemorySegment param,
      MemorySegment grad,
      MemorySegment m,
      MemorySegment v,
      AdamWCoefficients k,
      long lo,
      long hi) {
    for (long i = lo; i < hi; i++) {
      double g = k.gradScale() * e.get(grad, i);
      double mi = k.beta1() * e.get(m, i) + (1 - k.beta1()) * g;
      double vi = k.beta2() * e.get(v, i) + (1 - k.beta2()) * g * g;
      double step = k.stepSize() * mi / (Math.sqrt(vi) * k.rsqrtBias2() + k.eps());
      e.set(m, i, mi);
      e.set(v, i, vi);
      e.set(param, i, k.decay() * e.get(param, i) - step);
    }
  }

  @Override
  public void blend(
      MemorySegment target, double a, MemorySegment source, double b, long lo, long hi) {
    for (long i = lo; i < hi; i++) {
      e.set(target, i, a * e.get(target, i) + b * e.get(source, i));
    }
  }
}
