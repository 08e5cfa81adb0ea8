package birkhoff.engine.optim;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.parallel.BlockTask;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum as PyTorch has it, {@code b = μ·b + g; p -= lr·b}, and
 * decoupled weight decay (arXiv 1711.05101, algorithm 1), {@code p *= 1 - lr·wd}, on those
 * parameters that want it.
 */
public final class Sgd implements Optimizer {
  /** Momentum μ in [0, 1) and weight decay of at least 0. */
  public record Options(double momentum, double weightDecay) {
    public Options {
      if (!(momentum >= 0 && momentum < 1 && weightDecay >= 0)) {
        throw new IllegalArgumentException(
            "sgd: momentum="
                + momentum
                + " weightDecay="
                + weightDecay
                + "; momentum lies in [0, 1), weight decay is not negative");
      }
    }
  }

  private final Engine engine;
  private final Options options;
  private final List<Parameter> parameters;
  private final List<Tensor> buffers = new ArrayList<>();
  private final Blocks blocks;
  private final long bytesMoved;
  private double lr;
  private double gradScale;
  private long step;

  public Sgd(Engine engine, Collection<Parameter> parameters, Options options) {
    this.engine = engine;
    this.options = options;
    this.parameters = List.copyOf(parameters);
    this.blocks = Blocks.of(this.parameters);
    long bytes = 0;
    for (Parameter p : this.parameters) {
      buffers.add(engine.persistent("optimizer state", p.tensor().spec()));
      // Parameter and buffer are read and written, the gradient is read.
      bytes += 5 * p.tensor().spec().bytes();
    }
    this.bytesMoved = bytes;
  }

  @Override
  public void step(Gradients gradients, double lr, double gradScale) {
    BlockTask update = update(gradients);
    advance(lr, gradScale);
    run(update);
  }

  @Override
  public void advance(double lr, double gradScale) {
    step++;
    this.lr = lr;
    this.gradScale = gradScale;
  }

  @Override
  public void apply(Gradients gradients) {
    run(update(gradients));
  }

  private void run(BlockTask update) {
    long start = engine.observers().begin();
    engine.team().run(blocks.count(), update);
    engine.observers().worked("sgd", bytesMoved, start);
  }

  private BlockTask update(Gradients gradients) {
    var at = new Operands(engine, parameters, gradients);
    MemorySegment[] momenta = Operands.data(buffers);
    return (b, w) -> {
      Blocks.Block block = blocks.get(b);
      int i = block.tensor();
      long lo = block.lo();
      long hi = block.hi();
      double keep = at.decays(i) ? 1 - lr * options.weightDecay : 1;
      at.kernel(i).blend(momenta[i], options.momentum, at.grad(i), gradScale, lo, hi);
      at.kernel(i).blend(at.weight(i), keep, momenta[i], -lr, lo, hi);
      at.changed(block);
    };
  }

  @Override
  public long steps() {
    return step;
  }

  @Override
  public void setSteps(long steps) {
    this.step = steps;
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      state.put(parameters.get(i).name() + ".momentum_buffer", buffers.get(i));
    }
    return state;
  }
}
