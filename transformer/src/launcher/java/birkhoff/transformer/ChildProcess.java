package birkhoff.transformer;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * A child that stands for this process: same terminal, same signals, same exit code. One use, by
 * one thread.
 */
public final class ChildProcess {
  private final List<String> command;
  private final CompletableFuture<Process> started = new CompletableFuture<>();
  private final CompletableFuture<Void> errorsCopied = new CompletableFuture<>();

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
    // A signal ends this JVM through its hooks. The child is asked to end too and this JVM stays
    // until it has saved what it wants to save; then its exit code is ours. The hook comes first:
    // a signal may arrive as soon as the child lives.
    Thread onSignal = new Thread(this::endChild, "on-signal");
    Runtime.getRuntime().addShutdownHook(onSignal);
    Process child;
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT);
      if (!"UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding", "UTF-8"))) {
        // Without a UTF-8 locale a JVM cannot open files whose names are not ASCII.
        builder.environment().put("LC_ALL", "C.UTF-8");
      }
      child = builder.start();
    } catch (IOException e) {
      started.cancel(false);
      throw e;
    }
    Thread filter = new Thread(() -> copyErrors(child), "stderr");
    filter.setDaemon(true);
    filter.start();
    started.complete(child);
    int code = child.waitFor();
    errorsCopied.join();
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

  private void endChild() {
    Process child;
    try {
      child = started.join();
    } catch (CancellationException e) {
      return;
    }
    terminate(child);
    while (true) {
      try {
        int code = child.waitFor();
        errorsCopied.join();
        Runtime.getRuntime().halt(code);
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

  private void copyErrors(Process child) {
    // System.err would decode and buffer; the descriptor takes the bytes as they are.
    try (OutputStream to = new FileOutputStream(FileDescriptor.err)) {
      new StderrFilter(child.getErrorStream(), to).copy();
    } catch (IOException e) {
      // Whoever read our errors has gone; the child learns it from its closed pipe.
      closeQuietly(child);
    } finally {
      errorsCopied.complete(null);
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
