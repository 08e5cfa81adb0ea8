package birkhoff.engine.error;

/** Root of every exception that the engine throws on purpose. */
public class BirkhoffException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BirkhoffException(String message) {
    super(message);
  }

  public BirkhoffException(String message, Throwable cause) {
    super(message, cause);
  }
}
