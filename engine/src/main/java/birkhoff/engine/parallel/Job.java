package birkhoff.engine.parallel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A task on numbered blocks, run once or, when it was recorded, again and again; one run at a time.
 *
 * <p>A worker may come late: it saw this job in an earlier run and asks for a block only now. It is
 * given one of the present run, or none. That is right, because {@link #start} makes blocks
 * available last, when everything else of the new run is in place, and because no block of an
 * earlier run can still be at work: a run ends when all its blocks are done.
 */
final class Job {
  private final BlockTask task;
  private final int blocks;
  private final AtomicInteger next;
  private final AtomicInteger done = new AtomicInteger();
  private volatile int runs;
  private volatile Thread caller;
  private volatile Throwable failure;

  // Of a recorded job: whether the next one was run under the same hold. Guarded by the turn.
  private boolean heldOn;

  Job(BlockTask task, int blocks) {
    this.task = task;
    this.blocks = blocks;
    this.next = new AtomicInteger(blocks);
  }

  int blocks() {
    return blocks;
  }

  /** Number of the present run; another one means that there is work again. */
  int runs() {
    return runs;
  }

  /** Begins a run, on the thread that will wait for it. */
  void start() {
    failure = null;
    caller = Thread.currentThread();
    done.set(0);
    int before = runs;
    runs = before + 1;
    next.set(0);
  }

  /** Works on blocks until none is left. */
  void work(int worker) {
    for (int b = next.getAndIncrement(); b < blocks; b = next.getAndIncrement()) {
      try {
        if (failure == null) {
          task.run(b, worker);
        }
      } catch (Throwable t) {
        fail(t);
      } finally {
        // Read before: as soon as the last block counts, the job may begin another run.
        Thread waiting = caller;
        if (done.incrementAndGet() == blocks && worker != 0) {
          LockSupport.unpark(waiting);
        }
      }
    }
  }

  private synchronized void fail(Throwable t) {
    if (failure == null) {
      failure = t;
    }
  }

  boolean finished() {
    return done.get() >= blocks;
  }

  /** What the first failed block of this run threw, or null. */
  Throwable failure() {
    return failure;
  }

  void setHeldOn(boolean heldOn) {
    this.heldOn = heldOn;
  }

  boolean heldOn() {
    return heldOn;
  }
}
