package birkhoff.transformer.error;

import birkhoff.engine.error.BirkhoffException;

/** Training met a loss or gradient that is not finite. */
public final class DivergedException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public DivergedException(String message) {
    super(message);
  }
}
