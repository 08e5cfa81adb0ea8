package birkhoff.engine.io;

import birkhoff.engine.error.BirkhoffException;
import java.nio.file.Path;

/**
 * A file breaks a rule of its format. The message names the file, the byte offset of the first
 * offending byte and the rule.
 */
public final class FormatException extends BirkhoffException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;
  private final String rule;

  /**
   * @param file the malformed file
   * @param offset byte offset in the file where the rule is broken
   * @param rule the broken rule and what was found instead
   */
  public FormatException(Path file, long offset, String rule) {
    super(file + ": byte " + offset + ": " + rule);
    this.file = file.toString();
    this.offset = offset;
    this.rule = rule;
  }

  /** The malformed file. */
  public String file() {
    return file;
  }

  /** Byte offset in the file where the rule is broken. */
  public long offset() {
    return offset;
  }

  /** The broken rule and what was found instead. */
  public String rule() {
    return rule;
  }
}
