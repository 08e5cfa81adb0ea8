package birkhoff.engine.memory;

/** Tells whether memory handed out earlier may still be read and written. */
public interface Lifetime {
  /** Null while the memory is valid, else why it is not ("released", "workspace was reset" …). */
  String invalidReason();
}
