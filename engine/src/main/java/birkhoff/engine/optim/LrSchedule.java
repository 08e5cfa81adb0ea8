package birkhoff.engine.optim;

/** The learning rate as a pure function of the step, counted from 0. */
@FunctionalInterface
public interface LrSchedule {
  double at(long step);

  static LrSchedule constant(double lr) {
    return step -> lr;
  }

  /**
   * nanoGPT's schedule: linear warm-up {@code lr·(step+1)/(warmup+1)}, then half a cosine down to
   * {@code minLr} at {@code decaySteps}, then constant.
   */
  static LrSchedule cosine(double lr, double minLr, long warmup, long decaySteps) {
    return step -> {
      if (step < warmup) {
        return lr * (step + 1.0) / (warmup + 1.0);
      }
      if (step >= decaySteps) {
        return minLr;
      }
      double progress = (double) (step - warmup) / (decaySteps - warmup);
      return minLr + 0.5 * (1 + Math.cos(Math.PI * progress)) * (lr - minLr);
    };
  }
}
