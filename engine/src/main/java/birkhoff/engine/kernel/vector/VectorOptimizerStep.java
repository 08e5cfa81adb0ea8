package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import birkhoff.engine.kernel.OptimizerStep;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Float32 updates, each in one pass over its operands. */
public final class VectorOptimizerStep implements OptimizerStep {
  public VectorOptimizerStep() {}

  @Override
  public void adamW(
      MemorySegment param,
      MemorySegment grad,
      MemorySegment m,
      MemorySegment v,
      AdamWCoefficients k,
      long lo,
      long hi) {
    float beta1 = (float) k.beta1();
    float beta2 = (float) k.beta2();
    // The gradient's scale goes into the factors of the moments.
    float g1 = (float) ((1 - k.beta1()) * k.gradScale());
    float g2 = (float) ((1 - k.beta2()) * k.gradScale() * k.gradScale());
    float decay = (float) k.decay();
    float step = (float) -k.stepSize();
    float rsqrtBias2 = (float) k.rsqrtBias2();
    float eps = (float) k.eps();
    long i = lo;
    for (; i <= hi - LENGTH; i += LENGTH) {
      FloatVector g = load(grad, i);
      FloatVector mi = load(m, i).lanewise(VectorOperators.FMA, beta1, g.mul(g1));
      FloatVector vi = load(v, i).lanewise(VectorOperators.FMA, beta2, g.mul(g).mul(g2));
      FloatVector update = mi.mul(step).div(vi.sqrt().fma(rsqrtBias2, eps));
      store(mi, m, i);
      store(vi, v, i);
      store(load(param, i).lanewise(VectorOperators.FMA, decay, update), param, i);
    }
    // One by one, with the same operations and bits: masked vectors were boxed here.
    for (; i < hi; i++) {
      float g = grad.getAtIndex(JAVA_FLOAT, i);
      float mi = Math.fma(m.getAtIndex(JAVA_FLOAT, i), beta1, g * g1);
      float vi = Math.fma(v.getAtIndex(JAVA_FLOAT, i), beta2, g * g * g2);
      float update = mi * step / Math.fma((float) Math.sqrt(vi), rsqrtBias2, eps);
      m.setAtIndex(JAVA_FLOAT, i, mi);
      v.setAtIndex(JAVA_FLOAT, i, vi);
      param.setAtIndex(JAVA_FLOAT, i, Math.fma(param.getAtIndex(JAVA_FLOAT, i), decay, update));
    }
  }

  @Override
  public void blend(
      MemorySegment target, double a, MemorySegment source, double b, long lo, long hi) {
    float keep = (float) a;
    float add = (float) b;
    long i = lo;
    for (; i <= hi - LENGTH; i += LENGTH) {
      FloatVector more = load(source, i).mul(add);
      store(load(target, i).lanewise(VectorOperators.FMA, keep, more), target, i);
    }
    for (; i < hi; i++) {
      float more = source.getAtIndex(JAVA_FLOAT, i) * add;
      target.setAtIndex(JAVA_FLOAT, i, Math.fma(target.getAtIndex(JAVA_FLOAT, i), keep, more));
    }
  }
}
