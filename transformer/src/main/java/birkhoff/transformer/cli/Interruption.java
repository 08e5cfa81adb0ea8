package birkhoff.transformer.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Turns the end of the virtual machine by a signal into a request: while a command is guarded, the
 * shutdown waits until it has finished by itself. Thread-safe.
 */
final class Interruption {
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean guarded;
  private volatile boolean requested;
  private volatile int exitCode;

  /** A guard of one section. */
  interface Guard extends AutoCloseable {
    /** Whether a signal asked the command to finish. */
    boolean requested();

    @Override
    void close();
  }

  /** From now on until the guard is closed, signals only ask. */
  Guard guard() {
    guarded = true;
    return new Guard() {
      @Override
      public boolean requested() {
        return requested;
      }

      @Override
      public void close() {
        guarded = false;
      }
    };
  }

  /** The command has finished and printed everything. */
  void end(int code) {
    exitCode = code;
    ended.countDown();
  }

  /**
   * Called when the virtual machine shuts down.
   *
   * @return the exit code of a guarded command once it has ended, or -1 when none was running
   */
  int request() {
    if (!guarded) {
      return -1;
    }
    requested = true;
    while (true) {
      try {
        ended.await();
        return exitCode;
      } catch (InterruptedException e) {
        // Nothing but the end of the command may end the wait: a checkpoint is being written.
        continue;
      }
    }
  }
}
