package birkhoff.engine.primitive;

import birkhoff.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * Who is told of an engine's operations. Adding and removing take effect at the next operation, in
 * the middle of a step too. Thread-safe.
 */
public final class Observers {
  private volatile OpObserver[] present = {};

  /** Nobody listens at first. */
  public Observers() {}

  /** Whether nobody listens; work may then be done in ways that cannot be observed. */
  public boolean isEmpty() {
    return present.length == 0;
  }

  /** Tells {@code observer} of every operation from now on. */
  public synchronized void add(OpObserver observer) {
    OpObserver[] more = Arrays.copyOf(present, present.length + 1);
    more[present.length] = observer;
    present = more;
  }

  /** Ends what {@link #add} began; without effect for an observer that is not there. */
  public synchronized void remove(OpObserver observer) {
    present = Arrays.stream(present).filter(o -> !o.equals(observer)).toArray(OpObserver[]::new);
  }

  /**
   * Announces work beside the operations, such as an optimizer's update, that {@link #worked} will
   * report; returns {@link System#nanoTime}.
   */
  public long begin() {
    for (OpObserver o : present) {
      o.begins();
    }
    return System.nanoTime();
  }

  /**
   * Reports work beside the operations.
   *
   * @param bytes that it must move when nothing lies in a cache
   * @param start what {@link #begin} returned
   */
  public void worked(String name, long bytes, long start) {
    OpObserver[] now = present;
    if (now.length > 0) {
      long nanos = System.nanoTime() - start;
      for (OpObserver o : now) {
        o.worked(name, bytes, nanos);
      }
    }
  }

  /** Shows the gradient that an operation has worked out for one of its inputs. */
  public void gradient(Primitive primitive, Operands operands, int input, Tensor gradient) {
    for (OpObserver o : present) {
      o.gradient(primitive, operands, input, gradient);
    }
  }

  /** Runs one half of an operation, timed when somebody listens. */
  void run(Primitive primitive, Operands operands, boolean backward, Runnable half) {
    if (isEmpty()) {
      half.run();
      return;
    }
    long start = begin();
    half.run();
    long nanos = System.nanoTime() - start;
    for (OpObserver o : present) {
      o.done(primitive, operands, backward, nanos);
    }
  }
}
