package birkhoff.transformer.cli;

/** What the process tells its caller. */
enum ExitCode {
  DONE(0),
  FAILURE(1),
  USAGE(2),
  DIVERGED(3),
  BAD_DATA(4),
  INTERRUPTED(130);

  private final int value;

  ExitCode(int value) {
    this.value = value;
  }

  /** The number. */
  int value() {
    return value;
  }
}
