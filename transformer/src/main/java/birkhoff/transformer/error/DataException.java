package birkhoff.transformer.error;

import birkhoff.engine.error.BirkhoffException;

/** A text, token file or checkpoint that cannot be used; the message names the place. */
public final class DataException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
