import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Linear;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.util.Locale;

/** Fits sin(x) on [-π, π] with a small network; needs nothing but birkhoff-engine. */
public final class FitSine {
  private FitSine() {}

  public static void main(String[] args) {
    float[] xs = new float[256];
    float[] ys = new float[xs.length];
    for (int i = 0; i < xs.length; i++) {
      xs[i] = (float) (2 * Math.PI * i / (xs.length - 1) - Math.PI);
      ys[i] = (float) Math.sin(xs[i]);
    }
    try (Engine engine = Engine.create()) {
      var parameters = new Parameters(engine, DType.FLOAT32, 1337);
      var hidden = new Linear(parameters, "hidden", 1, 32, true, Initializer.normal(1));
      var output = new Linear(parameters, "output", 32, 1, true, Initializer.normal(0.2));
      var adamW = new AdamW(engine, parameters.all(), AdamW.Options.DEFAULT);
      Tensor x = engine.tensor(xs, xs.length, 1);
      Tensor y = engine.tensor(ys, ys.length, 1);
      Workspace workspace = engine.workspace("step");
      for (int step = 0; step <= 500; step++) {
        Tape tape = engine.tape(workspace);
        parameters.all().forEach(p -> tape.watch(p.tensor()));
        Ops ops = tape.ops();
        Tensor fit = output.forward(ops, ops.tanh(hidden.forward(ops, x)));
        Tensor loss = ops.mean(ops.square(ops.sub(fit, y)));
        if (step % 100 == 0) {
          System.out.printf(Locale.ROOT, "step %3d  loss %.6f%n", step, loss.item());
        }
        adamW.step(tape.backward(loss), 0.01, 1);
        workspace.reset();
      }
    }
  }
}
