package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;

/** Adds the gradients of several micro-batches, in their order. Not thread-safe. */
final class GradientSum implements Gradients {
  private final Engine engine;
  private final Map<Tensor, Tensor> sums = new IdentityHashMap<>();
  private boolean empty = true;

  GradientSum(Engine engine, Collection<Parameter> parameters) {
    this.engine = engine;
    for (Parameter p : parameters) {
      sums.put(p.tensor(), engine.persistent("gradient sums", p.tensor().spec()));
    }
  }

  /** Forgets what was added. */
  void clear() {
    empty = true;
  }

  /** Adds the gradients of one micro-batch; scratch memory comes from the workspace. */
  void add(Gradients gradients, Workspace workspace) {
    var ops = engine.ops(workspace);
    sums.forEach((parameter, sum) -> {
      Tensor g = gradients.of(parameter);
      Tensor next = empty ? g : ops.add(sum, g);
      MemorySegment.copy(next.data(), 0, sum.data(), 0, sum.data().byteSize());
    });
    empty = false;
  }

  @Override
  public Tensor of(Tensor watched) {
    return sums.get(watched);
  }
}
