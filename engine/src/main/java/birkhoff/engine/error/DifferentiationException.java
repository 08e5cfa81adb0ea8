package birkhoff.engine.error;

/** A derivative that this engine does not define, such as a second-order one. */
public final class DifferentiationException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public DifferentiationException(String message) {
    super(message);
  }
}
