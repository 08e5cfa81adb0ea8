package birkhoff.engine.error;

/**
 * Operand shapes, ranks or indices that an operation cannot take; the message names the operation
 * and the shapes.
 */
public final class ShapeException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public ShapeException(String message) {
    super(message);
  }

  public ShapeException(String message, Throwable cause) {
    super(message, cause);
  }
}
