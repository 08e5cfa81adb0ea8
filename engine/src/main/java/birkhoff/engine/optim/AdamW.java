package birkhoff.engine.optim;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.kernel.OptimizerStep.AdamWCoefficients;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.parallel.BlockTask;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * AdamW with decoupled weight decay (arXiv 1711.05101) on those parameters that want it. All
 * parameters are updated in one parallel section, their bfloat16 shadows with them.
 */
public final class AdamW {
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

  private record Block(int parameter, long lo, long hi) {}

  private final Engine engine;
  private final Options options;
  private final List<Parameter> parameters;
  private final List<Moments> moments = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private AdamWCoefficients decayed;
  private AdamWCoefficients plain;
  private final long bytesMoved;
  private long step;

  public AdamW(Engine engine, Collection<Parameter> parameters, Options options) {
    this.engine = engine;
    this.options = options;
    this.parameters = List.copyOf(parameters);
    long bytes = 0;
    for (int i = 0; i < this.parameters.size(); i++) {
      Tensor t = this.parameters.get(i).tensor();
      moments.add(
          new Moments(
              engine.persistent("optimizer state", t.spec()),
              engine.persistent("optimizer state", t.spec())));
      Partition p = Partition.elements(t.count());
      for (int b = 0; b < p.blocks(); b++) {
        blocks.add(new Block(i, p.lo(b), p.hi(b)));
      }
      // Parameter and moments are read and written, the gradient is read.
      bytes += 7 * t.spec().bytes();
    }
    this.bytesMoved = bytes;
  }

  /** One update; {@code gradScale} multiplies the gradients first (clipping). */
  public void step(Gradients gradients, double lr, double gradScale) {
    BlockTask update = update(gradients);
    advance(lr, gradScale);
    run(update);
  }

  /** The first half of {@link #step}: works out the update's coefficients, touches no tensor. */
  public void advance(double lr, double gradScale) {
    step++;
    decayed = coefficients(gradScale, lr, options.weightDecay);
    plain = coefficients(gradScale, lr, 0);
  }

  /**
   * The second half: changes parameters and moments by the coefficients that are current when the
   * work is done.
   */
  public void apply(Gradients gradients) {
    run(update(gradients));
  }

  private void run(BlockTask update) {
    long start = engine.observers().begin();
    engine.team().run(blocks.size(), update);
    engine.observers().worked("adamW", bytesMoved, start);
  }

  private BlockTask update(Gradients gradients) {
    int n = parameters.size();
    MemorySegment[] weights = new MemorySegment[n];
    MemorySegment[] grads = new MemorySegment[n];
    MemorySegment[] first = new MemorySegment[n];
    MemorySegment[] second = new MemorySegment[n];
    MemorySegment[] shadows = new MemorySegment[n];
    boolean[] decays = new boolean[n];
    OptimizerStep[] kernels = new OptimizerStep[n];
    for (int i = 0; i < n; i++) {
      Tensor t = parameters.get(i).tensor();
      weights[i] = t.data();
      grads[i] = gradients.of(t).data();
      first[i] = moments.get(i).first.data();
      second[i] = moments.get(i).second.data();
      Tensor shadow = parameters.get(i).shadow();
      shadows[i] = shadow == null ? null : shadow.data();
      decays[i] = parameters.get(i).decay();
      kernels[i] = engine.kernels().optimizer(t.dtype());
    }
    Bfloat16 rounding = engine.kernels().bfloat16(DType.FLOAT32);
    return (b, w) -> {
      Block block = blocks.get(b);
      int i = block.parameter;
      kernels[i].adamW(
          weights[i],
          grads[i],
          first[i],
          second[i],
          decays[i] ? decayed : plain,
          block.lo,
          block.hi);
      if (shadows[i] != null) {
        // While the block lies in the cache.
        rounding.narrow(weights[i], block.lo, shadows[i], block.lo, block.hi - block.lo);
      }
    };
  }

  private AdamWCoefficients coefficients(double gradScale, double lr, double decay) {
    return AdamWCoefficients.of(
        gradScale, lr, decay, options.beta1, options.beta2, options.eps, step);
  }

  /** Updates done so far. */
  public long steps() {
    return step;
  }

  /** Continues from a saved state, together with {@link #moments}. */
  public void setSteps(long steps) {
    this.step = steps;
  }

  /** The moments of the parameter at {@code index} of the collection given at creation. */
  public Moments moments(int index) {
    return moments.get(index);
  }

  public List<Parameter> parameters() {
    return parameters;
  }
}
