package birkhoff.transformer.error;

import birkhoff.engine.error.BirkhoffException;

/** A command, option or configuration value that cannot be used; the message names the remedy. */
public final class UsageException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
