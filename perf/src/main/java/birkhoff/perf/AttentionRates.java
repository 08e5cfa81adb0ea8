package birkhoff.perf;

import birkhoff.engine.kernel.Attention;
import birkhoff.engine.kernel.Attention.AttentionShape;
import birkhoff.engine.kernel.vector.VectorAttention;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.NativeBlock;
import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Prints the rates of the vector attention kernel on one thread, for the shapes of the presets.
 * Operations are counted as 2·T²·hd per head forward (both products below the diagonal) and 2.5
 * times that backward; what the kernel computes above the diagonal does not count.
 */
public final class AttentionRates {
  private static final List<AttentionShape> SHAPES =
      List.of(
          new AttentionShape(12, 64, 4, 32, 0, 0),
          new AttentionShape(16, 256, 6, 64, 0, 0),
          new AttentionShape(8, 256, 6, 64, 0, 0),
          new AttentionShape(4, 64, 12, 64, 0, 0),
          new AttentionShape(8, 256, 6, 64, 0.1, 1));

  private AttentionRates() {}

  /**
   * @param args seconds for each shape, 5 when absent
   */
  public static void main(String[] args) {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 5;
    for (AttentionShape shape : SHAPES) {
      measure(shape, seconds);
    }
  }

  private static void measure(AttentionShape shape, double seconds) {
    Attention kernel = new VectorAttention();
    int tokens = shape.batch() * shape.time();
    long width = 4L * tokens * shape.width();
    var ledger = new MemoryLedger();
    try (var qkv = new NativeBlock("qkv", ledger, 3 * width);
        var out = new NativeBlock("out", ledger, width);
        var lse = new NativeBlock("lse", ledger, 4L * tokens * shape.heads());
        var gout = new NativeBlock("gout", ledger, width);
        var gqkv = new NativeBlock("gqkv", ledger, 3 * width);
        var scratch = new NativeBlock("scratch", ledger, kernel.scratchBytes(shape))) {
      fill(qkv.memory());
      fill(gout.memory());
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      var forward = new double[1 << 16];
      var backward = new double[1 << 16];
      int passes = 0;
      long allocated = 0;
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (System.nanoTime() < end && passes < forward.length) {
        long before = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        kernel.forward(
            shape, qkv.memory(), out.memory(), lse.memory(), scratch.memory(), 0, shape.blocks());
        long middle = System.nanoTime();
        kernel.backward(
            shape,
            qkv.memory(),
            lse.memory(),
            gout.memory(),
            gqkv.memory(),
            scratch.memory(),
            0,
            shape.blocks());
        backward[passes] = System.nanoTime() - middle;
        forward[passes++] = middle - start;
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      double operations = 2.0 * shape.time() * shape.time() * shape.headSize() * shape.blocks();
      System.out.printf(
          Locale.ROOT,
          "B %d T %d H %d hd %d p %.1f: forward %s, backward %s, %d bytes on the heap%n",
          shape.batch(),
          shape.time(),
          shape.heads(),
          shape.headSize(),
          shape.dropout(),
          rate(operations, forward, passes),
          rate(2.5 * operations, backward, passes),
          allocated);
    }
  }

  /** Median and best of the second half, when the compiler has done its work. */
  private static String rate(double operations, double[] nanos, int passes) {
    double[] late = Arrays.copyOfRange(nanos, passes / 2, passes);
    Arrays.sort(late);
    double median = late[late.length / 2];
    return String.format(
        Locale.ROOT,
        "%.3f ms %.1f GFLOP/s (best %.1f)",
        median / 1e6,
        operations / median,
        operations / late[0]);
  }

  private static void fill(MemorySegment x) {
    var random = new SplittableRandom(1);
    for (long i = 0; i < x.byteSize() / 4; i++) {
      x.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
  }
}
