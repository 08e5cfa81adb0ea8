package birkhoff.engine.parallel;

import java.util.ArrayList;
import java.util.List;

/**
 * The jobs that one thread ran on a team, in their order, to be run again: {@link
 * ThreadTeam#record} makes it, {@link ThreadTeam#replay} uses it. A replay does what the tasks do
 * when they run, on the memory that they captured; it knows nothing of what the thread did between
 * the jobs. So it repeats a computation only if all of that computation's work on memory was done
 * in jobs, and if what differs from time to time is read by the tasks when they run.
 */
public final class Recording {
  private final ThreadTeam team;
  private final Thread thread = Thread.currentThread();
  private final List<Job> noted = new ArrayList<>();
  private Job[] jobs;

  Recording(ThreadTeam team) {
    this.team = team;
  }

  /** Whether the calling thread's jobs are noted here. */
  boolean isMine() {
    return thread.equals(Thread.currentThread());
  }

  boolean isOf(ThreadTeam other) {
    return team.equals(other);
  }

  void note(Job job, boolean held) {
    job.setHeldOn(held);
    noted.add(job);
  }

  /** The hold of the jobs noted last is given back. */
  void endHold() {
    if (!noted.isEmpty()) {
      noted.getLast().setHeldOn(false);
    }
  }

  void finish() {
    jobs = noted.toArray(Job[]::new);
    noted.clear();
  }

  Job[] jobs() {
    return jobs;
  }

  /** Number of jobs. */
  public int size() {
    return jobs.length;
  }
}
