package birkhoff.transformer.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The last of this process's errors on their way through the launcher's filter, a child that {@code
 * ./birkhoff} started before it became this JVM. Who waits for this process may look at its errors
 * at once, so it must not end before they have arrived.
 */
final class StderrDelivery {
  private static final long SECONDS = 5;

  private StderrDelivery() {}

  /** Ends standard error and waits, for a few seconds at most, until the filter has ended too. */
  static void complete() {
    Optional<ProcessHandle> filter =
        Optional.ofNullable(Long.getLong("birkhoff.stderr.filter")).flatMap(ProcessHandle::of);
    if (filter.isEmpty()) {
      return;
    }
    try {
      // The JDK puts the null device in its place, so the filter sees the end of its input.
      new FileOutputStream(FileDescriptor.err).close();
      filter.get().onExit().get(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | ExecutionException | TimeoutException e) {
      // Late errors are all that could be lost, and nobody is left to be told.
      return;
    }
  }
}
