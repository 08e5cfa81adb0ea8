package birkhoff.transformer.train;

import birkhoff.engine.parallel.Recording;
import birkhoff.engine.parallel.ThreadTeam;

/** Notes the jobs of a step while they are done, then does them again. */
final class RecordedStep implements StepPass {
  private final ThreadTeam team;
  private final StepPass work;
  private boolean recording = true;
  private Recording first;
  private Recording next;
  private Recording norm;
  private Recording update;

  /** Records the first step that is run, doing it by {@code work}. */
  RecordedStep(ThreadTeam team, StepPass work) {
    this.team = team;
    this.work = work;
  }

  /** From now on replays; the step run before must have been complete. */
  void replay() {
    recording = false;
  }

  @Override
  public void gradients(boolean isFirst) {
    if (!recording) {
      team.replay(isFirst ? first : next);
    } else if (isFirst) {
      first = team.record(() -> work.gradients(true));
    } else if (next == null) {
      // All but the first are alike.
      next = team.record(() -> work.gradients(false));
    } else {
      work.gradients(false);
    }
  }

  @Override
  public void norm() {
    if (recording) {
      norm = team.record(work::norm);
    } else {
      team.replay(norm);
    }
  }

  @Override
  public void update() {
    if (recording) {
      update = team.record(work::update);
    } else {
      team.replay(update);
    }
  }
}
