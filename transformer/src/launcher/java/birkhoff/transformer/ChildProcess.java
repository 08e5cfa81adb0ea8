package birkhoff.transformer;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A child that stands for this process: same terminal, same signals, same exit code. One use, by
 * one thread.
 */
public final class ChildProcess {
  private final List<String> command;

  /** Describes a child by its program and arguments. */
  public ChildProcess(List<String> command) {
    this.command = command;
  }

  /**
   * Starts the child and waits for its end.
   *
   * @return its exit code
   * @throws IOException when the program cannot be started
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public int run() throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .start();
    Thread filter = new Thread(() -> copyErrors(child), "stderr");
    filter.setDaemon(true);
    filter.start();
    // A signal ends this JVM through its hooks. The child is asked to end too and this JVM stays
    // until it has saved what it wants to save; then its exit code is ours.
    Thread onSignal = new Thread(() -> Runtime.getRuntime().halt(end(child, filter)), "on-signal");
    Runtime.getRuntime().addShutdownHook(onSignal);
    int code = child.waitFor();
    filter.join();
    return code;
  }

  /** Whether the error stream is a terminal: the child sees a pipe and cannot tell. */
  static boolean stderrIsTerminal() {
    try {
      return new ProcessBuilder("sh", "-c", "test -t 2")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return System.console() != null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int end(Process child, Thread filter) {
    terminate(child);
    while (true) {
      try {
        int code = child.waitFor();
        filter.join();
        return code;
      } catch (InterruptedException e) {
        // Nothing but the child's end may end this hook: a checkpoint is being written.
        continue;
      }
    }
  }

  /** Process.destroy() would also close the pipe and lose the child's last words. */
  private static void terminate(Process child) {
    try {
      Object handle = Process.class.getMethod("toHandle").invoke(child);
      Class.forName("java.lang.ProcessHandle").getMethod("destroy").invoke(handle);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Java 8 has no process handles.
      child.destroy();
    }
  }

  private static void copyErrors(Process child) {
    // System.err would decode and buffer; the descriptor takes the bytes as they are.
    try (OutputStream to = new FileOutputStream(FileDescriptor.err)) {
      new StderrFilter(child.getErrorStream(), to).copy();
    } catch (IOException e) {
      // Whoever read our errors has gone; the child learns it from its closed pipe.
      closeQuietly(child);
    }
  }

  private static void closeQuietly(Process child) {
    try {
      child.getErrorStream().close();
    } catch (IOException e) {
      // The pipe is gone either way.
      return;
    }
  }
}
