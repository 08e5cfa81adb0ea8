package birkhoff.engine.error;

/** A kernel provider that was asked for by name and cannot serve; the message says why. */
public final class ProviderUnavailableException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public ProviderUnavailableException(String message) {
    super(message);
  }
}
