package birkhoff.engine.profile;

import birkhoff.engine.Engine;
import birkhoff.engine.primitive.OpObserver;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Primitive;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records the operations of an engine while it is open: whatever code runs between {@link #start}
 * and {@link #close} is profiled. Optimizers, clipping and other work beside the operations have
 * events of their own.
 *
 * <pre>{@code
 * try (var profile = OpProfile.start(engine)) {
 *   try (var _ = profile.block("step")) {
 *     trainOneStep();
 *   }
 *   profile.totals().forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>Several profiles of one engine may be open at once, inside one another or overlapping; each
 * sees everything that runs while it is open, and closing one does not end another. Belongs to the
 * thread that runs the operations.
 */
public final class OpProfile implements AutoCloseable {
  /**
   * One half of an operation, work beside the operations, or a named block.
   *
   * @param name of the primitive, the work or the block
   * @param start nanoseconds since the profile's start
   * @param nanos how long it took
   * @param flops of its matrix products, see {@link Primitive#flops}; of a block, of what it holds
   * @param bytes that it must move at least, see {@link Primitive#bytes}; likewise
   * @param heapBytes that the calling thread and the engine's threads allocated meanwhile; 0 where
   *     the module {@code jdk.management} lacks
   */
  public record Event(
      String name, Phase phase, long start, long nanos, long flops, long bytes, long heapBytes) {
    /** {@code linear} or {@code linear backward}. */
    public String label() {
      return phase == Phase.BACKWARD ? name + " backward" : name;
    }
  }

  /** The sum of all events of one name and phase. */
  public record Total(
      String name, Phase phase, long calls, long nanos, long flops, long bytes, long heapBytes) {
    // Handles, shapes and plans of a call take some kilobytes. A boxed vector is larger than what
    // it holds, so that one vector in 64 is enough to be seen.
    private static final long HANDLES = 64 << 10;
    private static final long SHARE = 64;

    private Total plus(Event e) {
      return new Total(
          name,
          phase,
          calls + 1,
          nanos + e.nanos(),
          flops + e.flops(),
          bytes + e.bytes(),
          heapBytes + e.heapBytes());
    }

    /**
     * Whether calls allocate so much on the heap that their kernel must box vectors: either C2 has
     * not compiled it yet or could not make vector instructions of it, which costs a factor of 30
     * or more. Operations of your own that rightly take memory from the heap look the same.
     */
    public boolean boxes() {
      return heapBytes > calls * HANDLES + bytes / SHARE;
    }

    /** {@code linear} or {@code linear backward}. */
    public String label() {
      return phase == Phase.BACKWARD ? name + " backward" : name;
    }

    /** Arithmetic done per second, in FLOP. */
    public double flopsPerSecond() {
      return flops * 1e9 / Math.max(1, nanos);
    }

    /** Bytes per second that the operation moved at least. */
    public double bytesPerSecond() {
      return bytes * 1e9 / Math.max(1, nanos);
    }

    /**
     * The share of the speed that a machine could reach: the time that its multiply-add peak or its
     * main memory would need, whichever is longer, over the time taken. Above 1 where operands lay
     * in a cache.
     */
    public double ofRoofline(MachineLimits limits) {
      double least =
          Math.max(flops / limits.flopsPerSecond(), bytes / limits.memoryBytesPerSecond());
      return least * 1e9 / Math.max(1, nanos);
    }
  }

  /** An open block of code; closing it records the event. */
  public final class Block implements AutoCloseable {
    private final String name;
    private final int first = events.size();
    private final long start = elapsed();
    private final long heap = meter.bytes();
    private boolean closed;

    private Block(String name) {
      this.name = name;
    }

    /** Ends the block; closing twice is safe. */
    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      long flops = 0;
      long bytes = 0;
      for (Event e : events.subList(first, events.size())) {
        if (e.phase() != Phase.BLOCK) {
          flops += e.flops();
          bytes += e.bytes();
        }
      }
      add(
          new Event(
              name, Phase.BLOCK, start, elapsed() - start, flops, bytes, meter.bytes() - heap));
    }
  }

  private final class Listener implements OpObserver {
    private long heap;

    @Override
    public void begins() {
      heap = meter.bytes();
    }

    /** Since the beginning; a profile that was opened in between saw none. */
    private long allocated() {
      return heap == 0 ? 0 : meter.bytes() - heap;
    }

    @Override
    public void done(Primitive primitive, Operands operands, boolean backward, long nanos) {
      long allocated = allocated();
      add(
          new Event(
              primitive.name(),
              backward ? Phase.BACKWARD : Phase.FORWARD,
              elapsed() - nanos,
              nanos,
              primitive.flops(operands, backward),
              primitive.bytes(operands, backward),
              allocated));
    }

    @Override
    public void worked(String name, long bytes, long nanos) {
      add(new Event(name, Phase.UPDATE, elapsed() - nanos, nanos, 0, bytes, allocated()));
    }
  }

  // A run-time image may lack the module.
  private static final boolean FLIGHT_RECORDER =
      ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private final Engine engine;
  private final HeapMeter meter;
  private final Listener listener = new Listener();
  private final long origin = System.nanoTime();
  private final List<Event> events = new ArrayList<>();

  private OpProfile(Engine engine) {
    this.engine = engine;
    this.meter = HeapMeter.of(engine.team());
  }

  /** Begins to record. */
  public static OpProfile start(Engine engine) {
    var profile = new OpProfile(engine);
    engine.observers().add(profile.listener);
    return profile;
  }

  /** Begins a block of code that has an event of its own, beside the events inside it. */
  public Block block(String name) {
    return new Block(name);
  }

  private void add(Event event) {
    events.add(event);
    if (FLIGHT_RECORDER) {
      OpEvent.commit(event);
    }
  }

  /** All events in the order in which they ended. */
  public List<Event> events() {
    return Collections.unmodifiableList(events);
  }

  /** Nanoseconds since the start. */
  public long elapsed() {
    return System.nanoTime() - origin;
  }

  /** Sums of everything but blocks by name and phase, the longest first. */
  public List<Total> totals() {
    return sums(false);
  }

  /** Sums of the named blocks, the longest first; blocks inside blocks count in both. */
  public List<Total> blocks() {
    return sums(true);
  }

  private List<Total> sums(boolean blocks) {
    Map<String, Total> totals = new LinkedHashMap<>();
    for (Event e : events) {
      if ((e.phase() == Phase.BLOCK) == blocks) {
        var none = new Total(e.name(), e.phase(), 0, 0, 0, 0, 0);
        totals.merge(none.label(), none.plus(e), (sum, first) -> sum.plus(e));
      }
    }
    return totals.values().stream()
        .sorted(Comparator.comparingLong(Total::nanos).reversed())
        .toList();
  }

  /** Ends the recording; what was recorded stays. */
  @Override
  public void close() {
    engine.observers().remove(listener);
  }
}
