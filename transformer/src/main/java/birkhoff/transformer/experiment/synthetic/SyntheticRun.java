package birkhoff.transformer.experiment.synthetic;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.op.Ops;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.parallel.Recording;
import birkhoff.engine.rng.Philox;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.residual.Mixer;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Learns one case, all problems at once, one problem per SIMD lane. An epoch is so short that its
 * jobs are recorded once and then replayed; so is one engine of one thread per run: runs are
 * independent and go side by side.
 */
public final class SyntheticRun {
  private static final double LEARNING_RATE = 1e-3;
  private static final AdamW.Options ADAM = new AdamW.Options(0.9, 0.999, 1e-6, 0);
  private static final int STRETCH = 100;

  private final SyntheticSettings settings;
  private final SyntheticCase which;
  private final QuadraticLoss loss;
  private double last;

  private SyntheticRun(SyntheticSettings settings, SyntheticCase which) {
    this.settings = settings;
    this.which = which;
    this.loss = new QuadraticLoss(StreamData.draw(settings, which));
  }

  /**
   * Runs a case to its end.
   *
   * @param stop asked now and then; when true, nothing is returned
   * @throws DivergedException when the loss is not finite
   */
  public static Optional<SyntheticCurve> of(
      SyntheticSettings settings, SyntheticCase which, BooleanSupplier stop) {
    return new SyntheticRun(settings, which).learn(stop);
  }

  private Optional<SyntheticCurve> learn(BooleanSupplier stop) {
    Mixer mixer = which.mixer();
    var config = EngineConfig.defaults().withThreads(1).withKernels(KernelTable.AUTO);
    try (Engine engine = Engine.create(config)) {
      int problems = settings.problems();
      Tensor z =
          engine.persistent(
              "parameters", TensorSpec.of(Shape.of(mixer.parameters(), problems), DType.FLOAT32));
      long start = Philox.derive(which.seed(), which.draw().hashCode(), -2);
      z.copyFrom(SyntheticStart.of(mixer, start, problems));
      long entries = (long) which.streams() * which.streams();
      Tensor cotangent =
          engine.persistent(
              "gradient of the mixers", TensorSpec.of(Shape.of(entries, problems), DType.FLOAT32));
      var adam = new AdamW(engine, java.util.List.of(new Parameter("z", z, false)), ADAM);
      Workspace workspace = engine.workspace("epoch");
      double[] losses = new double[settings.epochs()];
      // The workspace is never reset: the recording goes on using its memory.
      adam.advance(LEARNING_RATE, 1);
      Recording epoch =
          engine.team().record(() -> epoch(engine, workspace, mixer, z, cotangent, adam));
      losses[0] = check(0);
      double[] stretches = new double[Math.ceilDiv(losses.length - 1, STRETCH)];
      for (int first = 1, k = 0; first < losses.length; first += STRETCH, k++) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        int end = Math.min(first + STRETCH, losses.length);
        long began = System.nanoTime();
        for (int e = first; e < end; e++) {
          adam.advance(LEARNING_RATE, 1);
          engine.team().replay(epoch);
          losses[e] = check(e);
        }
        stretches[k] = (System.nanoTime() - began) / 1e6 / (end - first);
      }
      Arrays.sort(stretches);
      double ms = stretches[stretches.length / 2];
      return Optional.of(new SyntheticCurve(which, mixer.parameters(), losses, ms));
    }
  }

  private void epoch(
      Engine engine, Workspace workspace, Mixer mixer, Tensor z, Tensor cotangent, AdamW adam) {
    Tape tape = engine.tape(workspace);
    tape.watch(z);
    Ops ops = tape.ops();
    Tensor h = mixer.mix(ops, z);
    MemorySegment mixers = h.data();
    MemorySegment gradient = cotangent.data();
    engine.execution(workspace).serial(() -> last = loss.evaluate(mixers, gradient));
    Gradients gradients = tape.backward(h, cotangent);
    adam.apply(gradients);
  }

  private double check(int epoch) {
    if (!Double.isFinite(last)) {
      throw new DivergedException(
          "diverged: the loss of "
              + which.label()
              + " with d="
              + which.streams()
              + " is "
              + last
              + " in epoch "
              + epoch
              + "; lower noise");
    }
    return last;
  }
}
