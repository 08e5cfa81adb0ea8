package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;

import birkhoff.engine.kernel.OptimizerStep;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Float32 AdamW in one pass over parameter, gradient and moments. */
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
    if (i < hi) {
      VectorMask<Float> rest = Lanes.first(hi - i);
      FloatVector g = load(grad, i, rest);
      FloatVector mi = load(m, i, rest).lanewise(VectorOperators.FMA, beta1, g.mul(g1));
      FloatVector vi = load(v, i, rest).lanewise(VectorOperators.FMA, beta2, g.mul(g).mul(g2));
      FloatVector update = mi.mul(step).div(vi.sqrt().fma(rsqrtBias2, eps));
      store(mi, m, i, rest);
      store(vi, v, i, rest);
      store(load(param, i, rest).lanewise(VectorOperators.FMA, decay, update), param, i, rest);
    }
  }
}
