package birkhoff.engine.error;

/** Native memory that could not be had; the message names the request, the limit and the remedy. */
public final class MemoryLimitException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public MemoryLimitException(String message) {
    super(message);
  }
}
