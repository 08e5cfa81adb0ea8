package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.optim.AdamW;
import birkhoff.engine.optim.LrSchedule;
import birkhoff.engine.optim.Muon;
import birkhoff.engine.optim.Optimizer;
import birkhoff.engine.optim.Sgd;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.model.Gpt;
import java.util.ArrayList;
import java.util.List;

/** Update rules and learning rates by their configuration: the place to register another. */
public final class Optimizers {
  private Optimizers() {}

  /** The optimizer of a model, its state at zero. */
  public static Optimizer of(Engine engine, Gpt gpt, RunConfig config) {
    var parameters = gpt.parameters().all();
    double decay = config.get(Keys.WEIGHT_DECAY);
    var adamW =
        new AdamW.Options(
            config.get(Keys.BETA1), config.get(Keys.BETA2), AdamW.Options.DEFAULT.eps(), decay);
    String name = config.get(Keys.OPTIMIZER_NAME);
    return switch (name) {
      case "adamw" -> new AdamW(engine, parameters, adamW);
      case "muon" -> {
        List<Muon.Hidden> hidden = new ArrayList<>();
        gpt.hiddenMatrices().forEach((p, pieces) -> hidden.add(new Muon.Hidden(p, pieces)));
        var options = new Muon.Options(config.get(Keys.MOMENTUM), decay);
        yield new Muon(engine, parameters, hidden, options, adamW);
      }
      case "sgd" -> new Sgd(engine, parameters, new Sgd.Options(config.get(Keys.MOMENTUM), decay));
      default -> throw new IllegalStateException("optimizer=" + name + " is not registered");
    };
  }

  /** The learning rate of every step. */
  static LrSchedule schedule(RunConfig config) {
    double lr = config.get(Keys.LEARNING_RATE);
    double min = config.get(Keys.MIN_LR);
    long warmup = config.get(Keys.WARMUP_ITERS);
    long end = config.lrDecayIters();
    if (!config.get(Keys.DECAY_LR)) {
      return LrSchedule.constant(lr);
    }
    String name = config.get(Keys.LR_SCHEDULE);
    return switch (name) {
      case "cosine" -> LrSchedule.cosine(lr, min, warmup, end);
      case "linear" -> LrSchedule.linear(lr, min, warmup, end);
      case "constant" -> LrSchedule.warmup(lr, warmup, LrSchedule.constant(lr));
      case "wsd" -> {
        long decay = Math.round(config.get(Keys.LR_DECAY_FRACTION) * end);
        yield LrSchedule.warmupStableDecay(lr, min, warmup, end, decay);
      }
      default -> throw new IllegalStateException("lr_schedule=" + name + " is not registered");
    };
  }
}
