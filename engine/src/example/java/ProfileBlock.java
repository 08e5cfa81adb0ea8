import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Linear;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.profile.ChromeTrace;
import birkhoff.engine.profile.OpProfile;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Profiles a block of a program of one's own; needs nothing but birkhoff-engine. */
public final class ProfileBlock {
  private ProfileBlock() {}

  /** Prints what the operations of a few steps took and writes a trace for Perfetto. */
  public static void main(String[] args) throws IOException {
    Path trace = Path.of(args.length > 0 ? args[0] : "trace.json");
    try (Engine engine = Engine.create()) {
      var parameters = new Parameters(engine, DType.FLOAT32, 1);
      var hidden = new Linear(parameters, "hidden", 64, 256, true, Initializer.normal(0.1));
      var output = new Linear(parameters, "output", 256, 1, true, Initializer.normal(0.1));
      var adamW = new AdamW(engine, parameters.all(), AdamW.Options.DEFAULT);
      Tensor x = engine.zeros(DType.FLOAT32, 512, 64);
      Workspace workspace = engine.workspace("step");
      try (var profile = OpProfile.start(engine)) {
        for (int step = 0; step < 50; step++) {
          try (var _ = profile.block("step")) {
            Tape tape = engine.tape(workspace);
            parameters.all().forEach(p -> tape.watch(p.tensor()));
            Ops ops = tape.ops();
            Tensor y = output.forward(ops, ops.gelu(hidden.forward(ops, x)));
            Gradients gradients;
            try (var _ = profile.block("backward pass")) {
              gradients = tape.backward(ops.mean(ops.square(y)));
            }
            adamW.step(gradients, 1e-3, 1);
            workspace.reset();
          }
        }
        profile.blocks().forEach(ProfileBlock::print);
        profile.totals().forEach(ProfileBlock::print);
        ChromeTrace.write(trace, profile.events());
      }
    }
  }

  private static void print(OpProfile.Total t) {
    System.out.printf(
        Locale.ROOT,
        "%-20s %4d calls %8.3f ms %7.1f GFLOP/s %6.1f GB/s%n",
        t.label(),
        t.calls(),
        t.nanos() / 1e6,
        t.flopsPerSecond() / 1e9,
        t.bytesPerSecond() / 1e9);
  }
}
