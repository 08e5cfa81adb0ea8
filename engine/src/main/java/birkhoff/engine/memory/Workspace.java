package birkhoff.engine.memory;

import birkhoff.engine.error.StaleTensorException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A bump arena for one step's tensors. {@link #reset} makes all of it free again without giving
 * pages back, so a loop of equal steps touches fresh memory only once. A block given back early
 * with {@link Block#release} is reused by the next request of the same size in this step.
 *
 * <p>Contents of a new block are undefined. Not thread-safe: one thread (the one that runs the
 * step) allocates and resets.
 */
public final class Workspace implements AutoCloseable {
  private static final long FIRST_CHUNK = 1L << 20;
  private static final long LARGEST_CHUNK = 1L << 28;

  private final String owner;
  private final MemoryLedger ledger;
  private final boolean poison;
  private final List<NativeBlock> chunks = new ArrayList<>();
  private final Map<Long, Deque<MemorySegment>> released = new HashMap<>();
  private int current;
  private long used;
  private long inUse;
  private long peak;
  private long epoch;
  private boolean closed;
  private Scope scope;

  /**
   * @param owner the account on {@code ledger}
   * @param poison fill fresh, released and reset memory with NaN patterns, to find stale reads and
   *     reads of what was never written
   */
  public Workspace(String owner, MemoryLedger ledger, boolean poison) {
    this.owner = owner;
    this.ledger = ledger;
    this.poison = poison;
  }

  /** Memory of a workspace together with its validity. */
  public final class Block implements Lifetime {
    private final MemorySegment memory;
    private final long blockEpoch;
    private boolean free;

    private Block(MemorySegment memory) {
      this.memory = memory;
      this.blockEpoch = epoch;
    }

    /** The memory, 64-byte aligned, at least as long as asked for. */
    public MemorySegment memory() {
      return memory;
    }

    /** Gives the block back before the reset. Its tensors become stale; releasing twice is safe. */
    public void release() {
      if (free || blockEpoch != epoch || closed) {
        return;
      }
      free = true;
      inUse -= memory.byteSize();
      if (poison) {
        poison(memory);
      }
      released.computeIfAbsent(memory.byteSize(), k -> new ArrayDeque<>()).push(memory);
    }

    @Override
    public String invalidReason() {
      if (closed) {
        return "its workspace '" + owner + "' is closed; copy out what must outlive it";
      }
      if (blockEpoch != epoch) {
        return "its workspace '"
            + owner
            + "' was reset; copy out what must outlive the step, or use a persistent tensor";
      }
      return free
          ? "it was released to its workspace '"
              + owner
              + "' (a backward pass releases activations as it goes); read it before, or hand it"
              + " to the tape's keep()"
          : null;
    }
  }

  /** A block of at least {@code bytes} bytes, valid until released, {@link #reset} or close. */
  public Block allocate(long bytes) {
    Block block = take(bytes);
    if (scope != null) {
      scope.blocks.add(block);
    }
    return block;
  }

  private Block take(long bytes) {
    if (closed) {
      throw new StaleTensorException("workspace '" + owner + "' is closed; open a new one");
    }
    long size = Math.max(Segments.ALIGNMENT, Segments.align(bytes));
    MemorySegment memory = place(size);
    inUse += size;
    peak = Math.max(peak, inUse);
    return new Block(memory);
  }

  private MemorySegment place(long size) {
    Deque<MemorySegment> free = released.get(size);
    if (free != null && !free.isEmpty()) {
      return free.pop();
    }
    while (current < chunks.size() && used + size > chunks.get(current).memory().byteSize()) {
      current++;
      used = 0;
    }
    if (current == chunks.size()) {
      grow(size);
    }
    MemorySegment memory = chunks.get(current).memory().asSlice(used, size);
    used += size;
    return memory;
  }

  private void grow(long size) {
    long last = chunks.isEmpty() ? 0 : chunks.getLast().memory().byteSize();
    long bytes = Math.max(size, Math.clamp(2 * last, FIRST_CHUNK, LARGEST_CHUNK));
    var chunk = new NativeBlock(owner, ledger, bytes);
    if (poison) {
      poison(chunk.memory());
    }
    chunks.add(chunk);
    used = 0;
  }

  /** Notes every block allocated until it is closed, and releases those not kept. */
  public final class Scope implements AutoCloseable {
    private final List<Block> blocks = new ArrayList<>();
    private final Scope outer = scope;
    private final long scopeEpoch = epoch;

    private Scope() {}

    /** Lets a block of this scope live on after it, in the outer scope; others are left alone. */
    public void keep(Lifetime block) {
      if (block instanceof Block b && blocks.remove(b) && outer != null) {
        outer.blocks.add(b);
      }
    }

    @Override
    public void close() {
      if (scopeEpoch == epoch) {
        scope = outer;
      }
      blocks.forEach(Block::release);
    }
  }

  /** Opens a scope; scopes nest. */
  public Scope openScope() {
    scope = new Scope();
    return scope;
  }

  /** Ends the step: every block handed out becomes stale, the memory stays for the next step. */
  public void reset() {
    epoch++;
    scope = null;
    current = 0;
    used = 0;
    inUse = 0;
    released.clear();
    if (poison) {
      chunks.forEach(c -> poison(c.memory()));
    }
  }

  /** Bytes reserved from the system. */
  public long reserved() {
    return chunks.stream().mapToLong(c -> c.memory().byteSize()).sum();
  }

  /** The largest number of bytes in use at once since creation. */
  public long peak() {
    return peak;
  }

  /** Gives the memory back to the system; closing twice is safe. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    released.clear();
    chunks.forEach(NativeBlock::close);
    chunks.clear();
  }

  private static void poison(MemorySegment memory) {
    // A NaN in float32 and float64 alike.
    for (long i = 0; i < memory.byteSize(); i += Integer.BYTES) {
      memory.set(ValueLayout.JAVA_INT, i, 0x7ff8_dead);
    }
  }
}
