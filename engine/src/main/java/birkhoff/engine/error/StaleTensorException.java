package birkhoff.engine.error;

/** A tensor whose memory was released, reset or closed, or that belongs to another engine. */
public final class StaleTensorException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public StaleTensorException(String message) {
    super(message);
  }
}
