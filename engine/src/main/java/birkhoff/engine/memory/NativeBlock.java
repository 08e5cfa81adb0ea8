package birkhoff.engine.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One native allocation with its owner: zeroed, aligned, booked in the ledger until closed. Any
 * thread may read, write and close it.
 */
public final class NativeBlock implements AutoCloseable {
  private final String owner;
  private final MemoryLedger ledger;
  private final Arena arena;
  private final MemorySegment memory;

  /**
   * @param owner the account on {@code ledger}
   * @throws birkhoff.engine.error.MemoryLimitException when the memory cannot be had
   */
  @SuppressWarnings("MustBeClosedChecker") // closed in close()
  public NativeBlock(String owner, MemoryLedger ledger, long bytes) {
    this.owner = owner;
    this.ledger = ledger;
    long size = Segments.align(bytes);
    ledger.book(owner, size);
    this.arena = Arena.ofShared();
    try {
      this.memory = Segments.allocate(arena, size);
    } catch (RuntimeException e) {
      arena.close();
      ledger.book(owner, -size);
      throw e;
    }
  }

  public MemorySegment memory() {
    return memory;
  }

  /** Gives the memory back; later accesses fail. Closing twice is safe. */
  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      ledger.book(owner, -memory.byteSize());
    }
  }
}
