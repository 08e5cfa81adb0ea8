package birkhoff.engine.parallel;

/** Work on the items {@code [lo, hi)}. */
@FunctionalInterface
public interface RangeTask {
  void run(long lo, long hi, int worker);
}
