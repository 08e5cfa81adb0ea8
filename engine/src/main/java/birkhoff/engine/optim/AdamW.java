package birkhoff.engine.optim;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.kernel.OptimizerStep.AdamWCoefficients;
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
 * AdamW with decoupled weight decay (arXiv 1711.05101) on those parameters that want it. All
 * parameters are updated in one parallel section, their bfloat16 shadows with them.
 */
public final class AdamW implements Optimizer {
  /**
   * @param eps added to the root of the second moment
   */
  public record Options(double beta1, double beta2, double eps, double weightDecay) {
    public static final Options DEFAULT = new Options(0.9, 0.999, 1e-8, 0.01);

    public Options {
      boolean betas = beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1;
      if (!(betas && eps >= 0 && weightDecay >= 0)) {
        throw new IllegalArgumentException(
            "adamw: beta1="
                + beta1
                + " beta2="
                + beta2
                + " eps="
                + eps
                + " weightDecay="
                + weightDecay
                + "; betas lie in [0, 1), the others are not negative");
      }
    }
  }

  /**
   * A parameter's moments.
   *
   * @param first running mean of the gradient
   * @param second running mean of its square
   */
  public record Moments(Tensor first, Tensor second) {}

  private final Engine engine;
  private final Options options;
  private final List<Parameter> parameters;
  private final List<Moments> moments = new ArrayList<>();
  private final Blocks blocks;
  private AdamWCoefficients decayed;
  private AdamWCoefficients plain;
  private final long bytesMoved;
  private long step;

  public AdamW(Engine engine, Collection<Parameter> parameters, Options options) {
    this.engine = engine;
    this.options = options;
    this.parameters = List.copyOf(parameters);
    long bytes = 0;
    this.blocks = Blocks.of(this.parameters);
    for (Parameter p : this.parameters) {
      Tensor t = p.tensor();
      moments.add(
          new Moments(
              engine.persistent("optimizer state", t.spec()),
              engine.persistent("optimizer state", t.spec())));
      // Parameter and moments are read and written, the gradient is read.
      bytes += 7 * t.spec().bytes();
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
    decayed = coefficients(gradScale, lr, options.weightDecay);
    plain = coefficients(gradScale, lr, 0);
  }

  @Override
  public void apply(Gradients gradients) {
    run(update(gradients));
  }

  private void run(BlockTask update) {
    long start = engine.observers().begin();
    engine.team().run(blocks.count(), update);
    engine.observers().worked("adamW", bytesMoved, start);
  }

  private BlockTask update(Gradients gradients) {
    var at = new Operands(engine, parameters, gradients);
    MemorySegment[] first = Operands.data(moments.stream().map(Moments::first).toList());
    MemorySegment[] second = Operands.data(moments.stream().map(Moments::second).toList());
    return (b, w) -> {
      Blocks.Block block = blocks.get(b);
      int i = block.tensor();
      at.kernel(i)
          .adamW(
              at.weight(i),
              at.grad(i),
              first[i],
              second[i],
              at.decays(i) ? decayed : plain,
              block.lo(),
              block.hi());
      at.changed(block);
    };
  }

  private AdamWCoefficients coefficients(double gradScale, double lr, double decay) {
    return AdamWCoefficients.of(
        gradScale, lr, decay, options.beta1, options.beta2, options.eps, step);
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
      state.put(parameters.get(i).name() + ".exp_avg", moments.get(i).first);
      state.put(parameters.get(i).name() + ".exp_avg_sq", moments.get(i).second);
    }
    return state;
  }

  /** The moments of the parameter at {@code index} of the collection given at creation. */
  public Moments moments(int index) {
    return moments.get(index);
  }

  public List<Parameter> parameters() {
    return parameters;
  }
}
