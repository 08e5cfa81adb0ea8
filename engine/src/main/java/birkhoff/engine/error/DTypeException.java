package birkhoff.engine.error;

/** An element type that an operation cannot take; the message names the operation and the types. */
public final class DTypeException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public DTypeException(String message) {
    super(message);
  }
}
