package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.tensor.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adds the gradients of several micro-batches, in their order. Not thread-safe. */
final class GradientSum implements Gradients {
  private final Map<Tensor, Tensor> sums = new LinkedHashMap<>();
  private final long bytes;

  GradientSum(Engine engine, Collection<Parameter> parameters) {
    long sum = 0;
    for (Parameter p : parameters) {
      sums.put(p.tensor(), engine.persistent("gradient sums", p.tensor().spec()));
      sum += p.tensor().spec().bytes();
    }
    this.bytes = sum;
  }

  /**
   * Adds the gradients of one micro-batch.
   *
   * @param first whether they are the step's first, which replace what is there
   */
  void add(Execution x, Gradients gradients, boolean first) {
    long start = x.observers().begin();
    sums.forEach((parameter, sum) -> x.add(gradients.of(parameter), first ? 0 : 1, sum));
    x.observers().worked("gradientSum", (first ? 2 : 3) * bytes, start);
  }

  @Override
  public Tensor of(Tensor watched) {
    return sums.get(watched);
  }
}
