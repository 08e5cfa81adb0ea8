package birkhoff.transformer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Copies a child's error stream and leaves out the JVM's line about incubating modules, which no
 * option switches off. Every other byte goes on at once, so progress bars move. Used by one thread.
 */
public final class StderrFilter {
  private static final byte[] UNWANTED =
      "WARNING: Using incubator modules: ".getBytes(StandardCharsets.US_ASCII);

  private final InputStream from;
  private final OutputStream to;

  private int held;
  private State state = State.LINE_START;

  /** Where in a line the next byte stands. */
  private enum State {
    LINE_START,
    UNWANTED_LINE,
    OTHER_LINE,
    AFTER
  }

  /** Connects two streams; neither is closed. */
  public StderrFilter(InputStream from, OutputStream to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Copies until the end of the input.
   *
   * @throws IOException when a stream fails
   */
  public void copy() throws IOException {
    byte[] buffer = new byte[8192];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      int start = 0;
      while (state != State.AFTER && start < n) {
        accept(buffer[start++]);
      }
      to.write(buffer, start, n - start);
      to.flush();
    }
    flushHeld();
    to.flush();
  }

  private void accept(byte b) throws IOException {
    switch (state) {
      case LINE_START:
        if (b == UNWANTED[held]) {
          held++;
          state = held == UNWANTED.length ? State.UNWANTED_LINE : state;
          break;
        }
        flushHeld();
        to.write(b);
        state = b == '\n' ? State.LINE_START : State.OTHER_LINE;
        break;
      case UNWANTED_LINE:
        held = 0;
        state = b == '\n' ? State.AFTER : state;
        break;
      default:
        to.write(b);
        state = b == '\n' ? State.LINE_START : state;
        break;
    }
  }

  private void flushHeld() throws IOException {
    to.write(UNWANTED, 0, held);
    held = 0;
  }
}
