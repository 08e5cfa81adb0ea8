package birkhoff.tests.allocation;

import birkhoff.tests.support.Allocation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Kernels that are watched together, in a JVM of their own. */
enum Suite {
  ELEMENTWISE(0, () -> new RowKernels().elementwise()),
  ROWS(0, () -> new RowKernels().rows()),
  OTHERS(0, () -> new RowKernels().others()),
  /** Where C2's inlining budget ends early, gatesVjp boxes one sum per row; loops box far more. */
  MIXING(4096, MixingKernels::kernels),
  ATTENTION(0, () -> new ProductKernels().attention()),
  /** A product makes a plan and two tasks, some hundred bytes; a boxed vector costs megabytes. */
  GEMM(1024, () -> new ProductKernels().gemm());

  private final long allowed;
  private final Supplier<Map<String, Runnable>> kernels;

  Suite(long allowed, Supplier<Map<String, Runnable>> kernels) {
    this.allowed = allowed;
    this.kernels = kernels;
  }

  /** Prints the kernels that still allocate when the compiler had its time, or that none does. */
  public static void main(String[] args) {
    Suite suite = valueOf(args[0]);
    var allocating = new LinkedHashMap<String, Long>();
    Map<String, Runnable> kernels = suite.kernels.get();
    kernels.forEach((name, kernel) -> {
      long bytes = Allocation.steadyState(kernel, suite.allowed);
      if (bytes > suite.allowed) {
        allocating.put(name, bytes);
      }
    });
    System.out.println(
        kernels.size() + " kernels, bytes per call of those that allocate: " + allocating);
  }
}
