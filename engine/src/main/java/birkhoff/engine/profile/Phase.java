package birkhoff.engine.profile;

import java.util.Locale;

/** What kind of work an event of a profile is. */
public enum Phase {
  /** The forward half of an operation. */
  FORWARD,
  /** Its vector-Jacobian product. */
  BACKWARD,
  /** Work beside the operations: an optimizer's update, the norm of the gradients. */
  UPDATE,
  /** A block of code that the user named; the events inside it are recorded too. */
  BLOCK;

  /** The name in traces, lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
