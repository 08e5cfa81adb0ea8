package birkhoff.engine.profile;

import birkhoff.engine.Engine;
import birkhoff.engine.primitive.OpObserver;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Primitive;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Finds the operation that a NaN or infinity comes from: looks at every result and every gradient
 * while it is open. A step takes several times as long meanwhile, and is not recorded.
 *
 * <pre>{@code
 * try (var watch = NonFiniteWatch.on(engine)) {
 *   Tensor loss = model.loss(tape.ops(), ids, targets);
 *   tape.backward(loss);
 *   watch.first().ifPresent(System.err::println);
 * }
 * }</pre>
 *
 * <p>Not thread-safe: one thread runs the steps that are watched.
 */
public final class NonFiniteWatch implements AutoCloseable {
  private final Engine engine;
  private final OpObserver observer = new Observer();
  private String first;

  private NonFiniteWatch(Engine engine) {
    this.engine = engine;
  }

  /** Watches an engine's operations until closed. */
  public static NonFiniteWatch on(Engine engine) {
    var watch = new NonFiniteWatch(engine);
    engine.observers().add(watch.observer);
    return watch;
  }

  /**
   * The first operation that had a result or gradient that is not finite, such as {@code layerNorm,
   * result float32[2, 8]} or {@code backward pass of matmul, gradient of input 1, float32[8, 3]}.
   * Empty while all were finite.
   */
  public Optional<String> first() {
    return Optional.ofNullable(first);
  }

  /** Whether every element is a finite number. Refuses a stale tensor. */
  public static boolean isFinite(Tensor t) {
    if (!t.dtype().isFloating() && t.dtype() != DType.BFLOAT16) {
      return true;
    }
    if (!t.isContiguous()) {
      for (double x : t.toDoubleArray()) {
        if (!Double.isFinite(x)) {
          return false;
        }
      }
      return true;
    }
    MemorySegment data = t.data();
    for (long i = 0; i < t.count(); i++) {
      boolean finite =
          switch (t.dtype()) {
            case FLOAT64 -> Double.isFinite(data.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i));
            case BFLOAT16 ->
                Float.isFinite(
                    DType.fromBfloat16(data.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i)));
            default -> Float.isFinite(data.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
          };
      if (!finite) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    engine.observers().remove(observer);
  }

  private final class Observer implements OpObserver {
    @Override
    public void done(Primitive primitive, Operands operands, boolean backward, long nanos) {
      for (int i = 0; !backward && first == null && i < operands.out().length; i++) {
        Tensor out = operands.out(i);
        if (!isFinite(out)) {
          first = primitive.name() + ", result " + out.spec();
        }
      }
    }

    @Override
    public void gradient(Primitive primitive, Operands operands, int input, Tensor gradient) {
      if (first == null && !isFinite(gradient)) {
        first =
            "backward pass of "
                + primitive.name()
                + ", gradient of input "
                + input
                + ", "
                + gradient.spec();
      }
    }
  }
}
