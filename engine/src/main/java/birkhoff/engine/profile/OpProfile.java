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
 * and {@link #close} is profiled.
 *
 * <pre>{@code
 * try (var profile = OpProfile.start(engine)) {
 *   trainOneStep();
 *   profile.totals().forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>Only tapes and {@code Ops} that are made while it is open are seen. An engine has one observer
 * at a time; starting a profile replaces the one before. Belongs to the thread that runs the
 * operations.
 */
public final class OpProfile implements OpObserver, AutoCloseable {
  /**
   * One half of an operation.
   *
   * @param name of the primitive
   * @param backward whether it was the vector-Jacobian product
   * @param start nanoseconds since the profile's start
   * @param nanos how long it took
   * @param flops of its matrix products, see {@link Primitive#flops}
   * @param bytes that it must move at least, see {@link Primitive#bytes}
   */
  public record Event(
      String name, boolean backward, long start, long nanos, long flops, long bytes) {}

  /** The sum of all events of one name and direction. */
  public record Total(
      String name, boolean backward, long calls, long nanos, long flops, long bytes) {
    private Total plus(Event e) {
      return new Total(
          name, backward, calls + 1, nanos + e.nanos(), flops + e.flops(), bytes + e.bytes());
    }

    /** {@code linear} or {@code linear backward}. */
    public String label() {
      return backward ? name + " backward" : name;
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

  // A run-time image may lack the module.
  private static final boolean FLIGHT_RECORDER =
      ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private final Engine engine;
  private final long origin = System.nanoTime();
  private final List<Event> events = new ArrayList<>();

  private OpProfile(Engine engine) {
    this.engine = engine;
  }

  /** Begins to record. */
  public static OpProfile start(Engine engine) {
    var profile = new OpProfile(engine);
    engine.observe(profile);
    return profile;
  }

  @Override
  public void done(Primitive primitive, Operands operands, boolean backward, long nanos) {
    long start = System.nanoTime() - origin - nanos;
    var event =
        new Event(
            primitive.name(),
            backward,
            start,
            nanos,
            primitive.flops(operands, backward),
            primitive.bytes(operands, backward));
    events.add(event);
    if (FLIGHT_RECORDER) {
      OpEvent.commit(event);
    }
  }

  /** All operations in the order in which they ended. */
  public List<Event> events() {
    return Collections.unmodifiableList(events);
  }

  /** Nanoseconds since the start. */
  public long elapsed() {
    return System.nanoTime() - origin;
  }

  /** Sums by name and direction, the longest first. */
  public List<Total> totals() {
    Map<String, Total> totals = new LinkedHashMap<>();
    for (Event e : events) {
      var none = new Total(e.name(), e.backward(), 0, 0, 0, 0);
      totals.merge(none.label(), none.plus(e), (sum, first) -> sum.plus(e));
    }
    return totals.values().stream()
        .sorted(Comparator.comparingLong(Total::nanos).reversed())
        .toList();
  }

  /** Ends the recording; what was recorded stays. */
  @Override
  public void close() {
    engine.observe(null);
  }
}
