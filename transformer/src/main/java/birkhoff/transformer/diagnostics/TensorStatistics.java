package birkhoff.transformer.diagnostics;

import birkhoff.engine.io.SafeTensorsEntry;
import birkhoff.engine.io.SafeTensorsReader;
import birkhoff.engine.io.SafeTensorsType;
import birkhoff.transformer.exchange.GgufEntry;
import birkhoff.transformer.exchange.GgufReader;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import birkhoff.transformer.report.Printable;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What the numbers of a stored float32 tensor are like.
 *
 * @param name of it
 * @param type of its elements
 * @param shape outermost first
 * @param count of elements
 * @param min smallest finite one; NaN when there is none or the type is another
 * @param max largest finite one, likewise
 * @param rms root of the mean square of the finite ones, likewise
 * @param nonFinite NaNs and infinities
 */
public record TensorStatistics(
    String name,
    String type,
    List<Long> shape,
    long count,
    double min,
    double max,
    double rms,
    long nonFinite) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Copies the shape. */
  public TensorStatistics {
    shape = List.copyOf(shape);
  }

  /** Reads all of a tensor. */
  public static TensorStatistics of(SafeTensorsReader file, SafeTensorsEntry tensor) {
    boolean float32 = tensor.type() == SafeTensorsType.F32;
    MemorySegment data = float32 ? file.data(tensor) : MemorySegment.NULL;
    String type = tensor.type().name();
    return of(tensor.name(), type, tensor.shape(), tensor.elements(), data);
  }

  /** Reads all of a tensor. */
  public static TensorStatistics of(GgufReader file, GgufEntry tensor) {
    MemorySegment data = tensor.isFloat32() ? file.data(tensor) : MemorySegment.NULL;
    return of(tensor.name(), tensor.type(), tensor.shape(), tensor.elements(), data);
  }

  /** Looks at the data, which are little-endian float32 or empty. */
  private static TensorStatistics of(
      String name, String type, List<Long> shape, long elements, MemorySegment data) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double squares = 0;
    long nonFinite = 0;
    long count = data.byteSize() / Float.BYTES;
    for (long i = 0; i < count; i++) {
      double x = data.get(FLOAT, i * Float.BYTES);
      if (Double.isFinite(x)) {
        min = Math.min(min, x);
        max = Math.max(max, x);
        squares += x * x;
      } else {
        nonFinite++;
      }
    }
    long finite = count - nonFinite;
    return new TensorStatistics(
        name,
        type,
        shape,
        elements,
        finite == 0 ? Double.NaN : min,
        finite == 0 ? Double.NaN : max,
        finite == 0 ? Double.NaN : Math.sqrt(squares / finite),
        nonFinite);
  }

  /** As a line. */
  public String line() {
    String numbers =
        Double.isNaN(rms) ? "" : Numbers.format(" rms %.4f, %.4f to %.4f", rms, min, max);
    return Numbers.format(
        "  %-44s %-4s %-16s%s%s%n",
        Printable.of(name),
        type,
        shape,
        numbers,
        nonFinite == 0 ? "" : Numbers.format(", %,d NOT FINITE", nonFinite));
  }

  /** As JSON. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("name", name);
    json.put("dtype", type);
    var extents = json.putArray("shape");
    shape.forEach(extents::add);
    Numbers.put(json, "min", min);
    Numbers.put(json, "max", max);
    Numbers.put(json, "rms", rms);
    json.put("non_finite", nonFinite);
    return json;
  }
}
