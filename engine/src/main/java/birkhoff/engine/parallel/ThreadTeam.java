package birkhoff.engine.parallel;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.NativeBlock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed team of threads that works through numbered blocks. Blocks are handed out dynamically, so
 * a thread that loses its core delays one block and not the team. The caller works along. Whoever
 * waits spins for some microseconds, then yields the processor again and again, then parks.
 *
 * <p>Thread-safe: concurrent {@link #run} calls wait for each other. A task must not call back into
 * the team.
 */
public final class ThreadTeam implements AutoCloseable {
  private static final long SPIN_NANOS = 20_000;
  // A step was 1 to 3 % faster than with parking at once, in paired runs; a yield costs the waiting
  // thread's own time only, and gives way where there are more threads than processors.
  private static final long YIELD_NANOS = 200_000;

  private final int size;
  private final Thread[] workers;
  private final NativeBlock[] scratch;
  private final float[][] heapScratch;
  private final Hold hold = new Hold();
  private NativeBlock shared;
  private float[] sharedFloats = new float[0];
  private boolean running;
  private final AtomicReference<Recording> recording = new AtomicReference<>();
  // Shared memory that recorded jobs may use although it was too small for later ones.
  private final List<NativeBlock> retired = new ArrayList<>();
  private boolean sharedRecorded;
  private final MemoryLedger ledger;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile Job current;
  private volatile boolean closed;

  /** A team of {@code size} threads, the caller of {@link #run} being one of them. */
  public ThreadTeam(int size, MemoryLedger ledger) {
    if (size < 1) {
      throw new IllegalArgumentException("threads: " + size + ", at least 1 is needed");
    }
    this.size = size;
    this.ledger = ledger;
    this.scratch = new NativeBlock[size];
    this.heapScratch = new float[size][0];
    this.workers = new Thread[size - 1];
    for (int i = 0; i < workers.length; i++) {
      int worker = i + 1;
      workers[i] =
          Thread.ofPlatform()
              .name("birkhoff-worker-" + worker)
              .daemon(true)
              .unstarted(() -> serve(worker));
    }
    for (Thread t : workers) {
      t.start();
    }
  }

  public int size() {
    return size;
  }

  /** The identifiers of the team's own threads, that is all but the caller's. */
  public long[] threadIds() {
    long[] ids = new long[workers.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = workers[i].threadId();
    }
    return ids;
  }

  /** Runs {@code task} on all ranges of {@code partition}. */
  public void run(Partition partition, RangeTask task) {
    run(partition.blocks(), (b, w) -> task.run(partition.lo(b), partition.hi(b), w));
  }

  /**
   * Runs blocks {@code 0 … blocks-1}, each exactly once, and returns when all are done. What the
   * tasks wrote is then visible to the caller. The first failure of a task is thrown on.
   */
  public void run(int blocks, BlockTask task) {
    if (blocks <= 0) {
      return;
    }
    refuseTasks();
    turn.lock();
    try {
      if (closed) {
        throw closed();
      }
      Job job = new Job(task, blocks);
      Recording mine = myRecording();
      if (mine != null) {
        mine.note(job, turn.getHoldCount() > 1);
      }
      execute(job);
    } finally {
      turn.unlock();
    }
  }

  private void execute(Job job) {
    running = true;
    job.start();
    try {
      if (size > 1 && job.blocks() > 1) {
        current = job;
        int wanted = Math.min(workers.length, job.blocks() - 1);
        for (int i = 0; i < wanted; i++) {
          LockSupport.unpark(workers[i]);
        }
      }
      job.work(0);
      await(job);
    } finally {
      current = null;
      running = false;
    }
    Throwable failure = job.failure();
    if (failure != null) {
      rethrow(failure);
    }
  }

  /**
   * Runs {@code work} on the calling thread and notes the jobs that this thread gives the team
   * meanwhile. They, and whatever they captured, stay reachable as long as the recording.
   *
   * @throws IllegalStateException when another recording is under way
   */
  public Recording record(Runnable work) {
    refuseTasks();
    var mine = new Recording(this);
    if (!recording.compareAndSet(null, mine)) {
      throw new IllegalStateException("the thread team records already; one recording at a time");
    }
    try {
      work.run();
    } finally {
      recording.set(null);
    }
    mine.finish();
    return mine;
  }

  /**
   * Runs recorded jobs again, each with the same number of blocks and in the same order, without
   * allocating. Ends with the first failure, which is thrown on.
   */
  public void replay(Recording recorded) {
    refuseTasks();
    if (!recorded.isOf(this) || myRecording() != null) {
      throw new IllegalStateException(
          "a recording is replayed by its own thread team, and not while recording");
    }
    boolean mine = false;
    try {
      for (Job job : recorded.jobs()) {
        if (!mine) {
          turn.lock();
          mine = true;
          if (closed) {
            throw closed();
          }
        }
        execute(job);
        if (!job.heldOn()) {
          mine = false;
          turn.unlock();
        }
      }
    } finally {
      if (mine) {
        turn.unlock();
      }
    }
  }

  /** What notes the calling thread's jobs, or null. */
  private Recording myRecording() {
    Recording active = recording.get();
    return active != null && active.isMine() ? active : null;
  }

  /**
   * Keeps other callers out until {@link Hold#close}, so that several runs can share {@link
   * Hold#shared} memory. Not for tasks.
   */
  public Hold hold() {
    refuseTasks();
    turn.lock();
    if (closed) {
      turn.unlock();
      throw closed();
    }
    return hold;
  }

  private static BirkhoffException closed() {
    return new BirkhoffException("the thread team is closed; create a new engine");
  }

  /** The right to run several jobs with nobody else's between them. */
  public final class Hold implements AutoCloseable {
    private Hold() {}

    /**
     * Memory that all workers may use in the jobs of this hold, at least {@code bytes} long,
     * 64-byte aligned, contents undefined; valid until the next call.
     */
    public MemorySegment shared(long bytes) {
      if (shared == null || shared.memory().byteSize() < bytes) {
        if (shared != null && sharedRecorded) {
          retired.add(shared);
        } else if (shared != null) {
          shared.close();
        }
        shared = null;
        sharedRecorded = false;
        shared = new NativeBlock("shared scratch", ledger, bytes);
      }
      sharedRecorded |= myRecording() != null;
      return shared.memory();
    }

    /** The same on the heap, at least {@code length} floats. */
    public float[] floats(int length) {
      if (sharedFloats.length < length) {
        sharedFloats = new float[length];
      }
      return sharedFloats;
    }

    @Override
    public void close() {
      Recording mine = myRecording();
      if (mine != null) {
        mine.endHold();
      }
      turn.unlock();
    }
  }

  /** A task that waited for its own team would wait for ever. */
  private void refuseTasks() {
    Thread self = Thread.currentThread();
    boolean task = turn.isHeldByCurrentThread() && running;
    for (Thread t : workers) {
      task |= t.equals(self);
    }
    if (task) {
      throw new IllegalStateException("a task must not call back into its thread team");
    }
  }

  private static void await(Job job) {
    long start = System.nanoTime();
    while (!job.finished()) {
      if (idle(start)) {
        LockSupport.parkNanos(job, 50_000);
      }
    }
  }

  /** Lets some time pass; true when it is time to park. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on what the scheduler makes of a yield
  private static boolean idle(long since) {
    long waited = System.nanoTime() - since;
    if (waited < SPIN_NANOS) {
      Thread.onSpinWait();
    } else if (waited < YIELD_NANOS) {
      Thread.yield();
    }
    return waited >= YIELD_NANOS;
  }

  private static void rethrow(Throwable failure) {
    switch (failure) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new BirkhoffException("a parallel task failed", failure);
    }
  }

  private void serve(int worker) {
    Job last = null;
    int lastRun = 0;
    long idleSince = System.nanoTime();
    while (!closed) {
      Job job = current;
      if (job != null && (job != last || job.runs() != lastRun)) {
        // Read before working: what begins meanwhile is looked at once more.
        lastRun = job.runs();
        last = job;
        job.work(worker);
        idleSince = System.nanoTime();
      } else if (idle(idleSince)) {
        last = null;
        LockSupport.park(this);
        idleSince = System.nanoTime();
      }
    }
  }

  /**
   * Scratch memory of {@code worker}, at least {@code bytes} long, 64-byte aligned, contents
   * undefined; valid until the same worker asks for more. Only the task that runs as {@code worker}
   * may write it; others of the same run may read what they know to be finished.
   */
  public MemorySegment scratch(int worker, long bytes) {
    NativeBlock block = scratch[worker];
    if (block == null || block.memory().byteSize() < bytes) {
      if (block != null) {
        scratch[worker] = null;
        block.close();
      }
      block = new NativeBlock("worker scratch", ledger, bytes);
      scratch[worker] = block;
    }
    return block.memory();
  }

  /**
   * Scratch floats of {@code worker} on the heap, at least {@code length} of them, contents
   * undefined; valid until the same worker asks again. Only the task that runs as {@code worker}
   * may use them.
   */
  public float[] floats(int worker, int length) {
    if (heapScratch[worker].length < length) {
      heapScratch[worker] = new float[length];
    }
    return heapScratch[worker];
  }

  /** Ends the workers and frees their scratch memory; waits for a running job. */
  @Override
  public void close() {
    refuseTasks();
    turn.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (Thread t : workers) {
        LockSupport.unpark(t);
      }
      for (NativeBlock block : scratch) {
        if (block != null) {
          block.close();
        }
      }
      if (shared != null) {
        shared.close();
      }
      retired.forEach(NativeBlock::close);
    } finally {
      turn.unlock();
    }
  }
}
