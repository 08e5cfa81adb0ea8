package birkhoff.engine.memory;

/** Tells whether memory handed out earlier may still be read and written. */
public interface Lifetime {
  /** Null while the memory is valid, else why it is not ("released", "workspace was reset" …). */
  String invalidReason();

  /**
   * The ledger of the engine that the memory belongs to: no other may compute with it, because it
   * would not know when it goes away. Null for memory of the program's own.
   */
  default MemoryLedger owner() {
    return null;
  }
}
