package birkhoff.engine.memory;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.error.StaleTensorException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of one step's tensors. {@link #reset} makes all of it free again without giving pages
 * back, so a loop of equal steps touches fresh memory only once. A block given back early with
 * {@link Block#release} serves later requests of this step, whole or in parts; a request takes the
 * tightest free place.
 *
 * <p>Memory is got from the system in chunks, one after the other. A step opens them in that order
 * and the next one only when no open one has room: so the first step and every later equal one
 * place all blocks at the same addresses.
 *
 * <p>Contents of a new block are undefined. Not thread-safe: one thread (the one that runs the
 * step) allocates and resets. Until the reset another one is refused; after it, any thread may run
 * the next step.
 */
public final class Workspace implements AutoCloseable {
  // A chunk is touched whole, so what is left over of the last one is lost: at most a part of all.
  // It is a whole multiple of the request that it is made for: a model's blocks are multiples of a
  // few sizes, and fit. Chosen by replaying the requests of training steps of three models.
  private static final long LEAST_CHUNK = 1L << 18;
  private static final long LARGEST_CHUNK = 1L << 24;
  private static final long GROWTH = 4;

  private final String owner;
  private final MemoryLedger ledger;
  private final boolean poison;
  private final List<Chunk> chunks = new ArrayList<>();
  private long releases;
  private long inUse;
  private long peak;
  private long epoch;
  private boolean closed;
  private Scope scope;

  /** Who has allocated since the last reset. */
  private Thread user;

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

  private static final class Chunk {
    final NativeBlock block;
    final Extents free = new Extents();
    boolean open;

    Chunk(NativeBlock block) {
      this.block = block;
    }

    long bytes() {
      return block.memory().byteSize();
    }

    void open() {
      open = true;
      free.reset(bytes());
    }
  }

  /** The ledger that its memory is booked on. */
  public MemoryLedger ledger() {
    return ledger;
  }

  /** Memory of a workspace together with its validity. */
  public final class Block implements Lifetime {
    private final Chunk chunk;
    private final long place;
    private final MemorySegment memory;
    private final long blockEpoch;
    private boolean free;

    private Block(Chunk chunk, long place, long size) {
      this.chunk = chunk;
      this.place = place;
      this.memory = chunk.block.memory().asSlice(place, size);
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
      chunk.free.give(place, memory.byteSize(), ++releases);
    }

    @Override
    public MemoryLedger owner() {
      return ledger;
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
              + "' (by Ops.forget, or by a backward pass, which releases activations as it goes);"
              + " read it before, or hand it to the tape's keep()"
          : null;
    }
  }

  /**
   * A block of at least {@code bytes} bytes, valid until released, {@link #reset} or close.
   *
   * @throws BirkhoffException when another thread has allocated since the last reset
   */
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
    Thread caller = Thread.currentThread();
    if (user == null) {
      user = caller;
    } else if (!user.equals(caller)) {
      throw new BirkhoffException(
          "workspace '"
              + owner
              + "' is in use by thread '"
              + user.getName()
              + "' until its reset, so thread '"
              + caller.getName()
              + "' needs one of its own: engine.workspace(name)");
    }
    long size = Math.max(Segments.ALIGNMENT, Segments.align(bytes));
    Chunk chunk = null;
    int extent = -1;
    for (Chunk c : chunks) {
      int found = c.open ? c.free.find(size) : -1;
      if (found >= 0 && (chunk == null || tighter(c, found, chunk, extent))) {
        chunk = c;
        extent = found;
      }
    }
    if (chunk == null) {
      chunk = openFor(size);
      extent = chunk.free.find(size);
    }
    inUse += size;
    peak = Math.max(peak, inUse);
    return new Block(chunk, chunk.free.take(extent, size), size);
  }

  private static boolean tighter(Chunk a, int i, Chunk b, int j) {
    long more = a.free.size(i) - b.free.size(j);
    return more < 0 || (more == 0 && a.free.stamp(i) > b.free.stamp(j));
  }

  private Chunk openFor(long size) {
    for (Chunk c : chunks) {
      if (!c.open && c.bytes() >= size) {
        c.open();
        return c;
      }
    }
    long aim = Math.clamp(reserved() / GROWTH, LEAST_CHUNK, LARGEST_CHUNK);
    long bytes = size * Math.max(1, aim / size);
    var chunk = new Chunk(new NativeBlock(owner, ledger, bytes));
    if (poison) {
      poison(chunk.block.memory());
    }
    chunks.add(chunk);
    chunk.open();
    return chunk;
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
    user = null;
    scope = null;
    inUse = 0;
    releases = 0;
    for (Chunk c : chunks) {
      c.open = false;
      if (poison) {
        poison(c.block.memory());
      }
    }
  }

  /** Bytes reserved from the system. */
  public long reserved() {
    long sum = 0;
    for (Chunk c : chunks) {
      sum += c.bytes();
    }
    return sum;
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
    chunks.forEach(c -> c.block.close());
    chunks.clear();
  }

  private static void poison(MemorySegment memory) {
    // A NaN in float32 and float64 alike.
    for (long i = 0; i < memory.byteSize(); i += Integer.BYTES) {
      memory.set(ValueLayout.JAVA_INT, i, 0x7ff8_dead);
    }
  }
}
