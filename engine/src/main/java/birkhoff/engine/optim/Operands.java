package birkhoff.engine.optim;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What an update of parameters reads and writes, by their places in the list. */
final class Operands {
  private final List<Parameter> parameters;
  private final MemorySegment[] weights;
  private final MemorySegment[] grads;
  private final OptimizerStep[] kernels;
  private final Shadows shadows;

  /** Refuses a parameter without a gradient. */
  Operands(Engine engine, List<Parameter> parameters, Gradients gradients) {
    int n = parameters.size();
    this.parameters = parameters;
    this.weights = new MemorySegment[n];
    this.grads = new MemorySegment[n];
    this.kernels = new OptimizerStep[n];
    this.shadows = new Shadows(engine, parameters);
    for (int i = 0; i < n; i++) {
      Tensor t = parameters.get(i).tensor();
      weights[i] = t.data();
      grads[i] = gradients.of(t).data();
      kernels[i] = engine.kernels().optimizer(t.dtype());
    }
  }

  /** The memory of tensors. */
  static MemorySegment[] data(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::data).toArray(MemorySegment[]::new);
  }

  MemorySegment weight(int i) {
    return weights[i];
  }

  MemorySegment grad(int i) {
    return grads[i];
  }

  boolean decays(int i) {
    return parameters.get(i).decay();
  }

  OptimizerStep kernel(int i) {
    return kernels[i];
  }

  /** The elements of a block have changed. */
  void changed(Blocks.Block block) {
    shadows.follow(block.tensor(), block.lo(), block.hi());
  }
}
