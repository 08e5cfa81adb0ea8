package birkhoff.tests.faults;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Counts operations that change files, and makes one of them fail. What fails stays failed or not
 * as on a real disk: an operation that fails has no effect, but a short write leaves half of the
 * bytes.
 */
final class Faults {
  /** What can fail. */
  enum Operation {
    OPEN,
    WRITE,
    FORCE,
    RENAME,
    CREATE_FOLDER,
    DELETE
  }

  /** How it fails. */
  enum Kind {
    /** The device does not work. */
    IO,
    /** Half is written, then there is no room. */
    NO_SPACE,
    /** It is not allowed. */
    PERMISSION
  }

  private final Unforced unforced = new Unforced();
  private final Kind kind;
  private final Set<Operation> operations;
  private long left;
  private boolean failed;
  private Operation where;

  /** Nothing fails. */
  Faults() {
    this(Kind.IO, EnumSet.noneOf(Operation.class), Long.MAX_VALUE);
  }

  /** The {@code nth} of these operations fails, counted from 1. */
  Faults(Kind kind, Set<Operation> operations, long nth) {
    this.kind = kind;
    this.operations = operations;
    this.left = nth;
  }

  /** What the operations so far have not forced to the disk. */
  Unforced unforced() {
    return unforced;
  }

  /** Whether the fault has happened. */
  boolean happened() {
    return failed;
  }

  /** What failed. */
  Operation where() {
    return where;
  }

  Kind kind() {
    return kind;
  }

  /** Whether this call of the operation is the one that fails. */
  boolean hits(Operation operation) {
    if (operations.contains(operation) && --left == 0) {
      failed = true;
      where = operation;
      return true;
    }
    return false;
  }

  /** Fails when it is time. */
  void pass(Operation operation, Object path) throws IOException {
    if (hits(operation)) {
      throw failure(path);
    }
  }

  IOException failure(Object path) {
    return switch (kind) {
      case IO -> new IOException("Input/output error: " + path);
      case NO_SPACE -> new FileSystemException(path.toString(), null, "No space left on device");
      case PERMISSION -> new AccessDeniedException(path.toString());
    };
  }
}
