package birkhoff.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What Java Flight Recorder sees of a profiled operation: one event at its end. */
@Name("birkhoff.Operation")
@Label("Operation")
@Category("Birkhoff")
@Description("One half of an operation of the engine, an update, or a named block")
@StackTrace(false)
final class OpEvent extends jdk.jfr.Event {
  @Label("Name")
  String operation;

  @Label("Phase")
  @Description("forward, backward, update, or a named block")
  String phase;

  @Label("Took")
  @Timespan
  long nanos;

  @Label("Floating-point operations")
  long flops;

  @Label("Bytes moved at least")
  @DataAmount
  long bytes;

  @Label("Allocated on the heap")
  @DataAmount
  long heapBytes;

  static void commit(OpProfile.Event from) {
    var event = new OpEvent();
    if (event.isEnabled()) {
      event.operation = from.name();
      event.phase = from.phase().label();
      event.nanos = from.nanos();
      event.flops = from.flops();
      event.bytes = from.bytes();
      event.heapBytes = from.heapBytes();
      event.commit();
    }
  }
}
