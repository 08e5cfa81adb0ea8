package birkhoff.engine.optim;

/** The learning rate as a pure function of the step, counted from 0. */
@FunctionalInterface
public interface LrSchedule {
  double at(long step);

  static LrSchedule constant(double lr) {
    return step -> lr;
  }

  /** Linear warm-up {@code lr·(step+1)/(warmup+1)}, as in nanoGPT, then {@code after}. */
  static LrSchedule warmup(double lr, long warmup, LrSchedule after) {
    return step -> step < warmup ? lr * (step + 1.0) / (warmup + 1.0) : after.at(step);
  }

  /**
   * nanoGPT's schedule: warm-up, then half a cosine down to {@code minLr} at {@code decaySteps},
   * then constant.
   */
  static LrSchedule cosine(double lr, double minLr, long warmup, long decaySteps) {
    return warmup(
        lr,
        warmup,
        step -> {
          double left = 0.5 * (1 + Math.cos(Math.PI * progress(step, warmup, decaySteps)));
          return minLr + left * (lr - minLr);
        });
  }

  /** Warm-up, then a straight line down to {@code minLr} at {@code decaySteps}, then constant. */
  static LrSchedule linear(double lr, double minLr, long warmup, long decaySteps) {
    return warmup(
        lr, warmup, step -> minLr + (1 - progress(step, warmup, decaySteps)) * (lr - minLr));
  }

  /**
   * Warm-up, stable, decay (arXiv 2404.06395, section 4): warm-up, then {@code lr}, and over the
   * last {@code decay} steps before {@code end} a straight line down to {@code minLr}.
   */
  static LrSchedule warmupStableDecay(double lr, double minLr, long warmup, long end, long decay) {
    long from = Math.max(warmup, end - decay);
    return warmup(lr, warmup, step -> minLr + (1 - progress(step, from, end)) * (lr - minLr));
  }

  private static double progress(long step, long from, long to) {
    return step >= to ? 1 : step <= from ? 0 : (double) (step - from) / (to - from);
  }
}
