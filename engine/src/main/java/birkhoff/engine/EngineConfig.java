package birkhoff.engine;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;

/**
 * How an engine is set up.
 *
 * @param threads size of the thread team; results do not depend on it
 * @param kernels {@code auto} or a provider's name: {@code scalar}, {@code vector}, {@code
 *     openblas}
 * @param options what providers may need
 * @param memoryLimit bytes of native memory that the engine may hold for parameters, workspaces and
 *     scratch memory; small tensors that the garbage collector frees are not counted
 * @param debug fill released and reset workspace memory with NaN, to find stale reads
 */
public record EngineConfig(
    int threads, String kernels, KernelOptions options, long memoryLimit, boolean debug) {
  public EngineConfig {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads = " + threads + " is outside 1 … 1024");
    }
    if (memoryLimit < 0) {
      throw new IllegalArgumentException("memoryLimit = " + memoryLimit + " is negative");
    }
  }

  /** All processors, the best kernels. */
  public static EngineConfig defaults() {
    return new EngineConfig(
        Runtime.getRuntime().availableProcessors(),
        KernelTable.AUTO,
        KernelOptions.DEFAULT,
        Long.MAX_VALUE,
        false);
  }

  public EngineConfig withThreads(int n) {
    return new EngineConfig(n, kernels, options, memoryLimit, debug);
  }

  public EngineConfig withKernels(String name) {
    return new EngineConfig(threads, name, options, memoryLimit, debug);
  }

  public EngineConfig withOptions(KernelOptions o) {
    return new EngineConfig(threads, kernels, o, memoryLimit, debug);
  }

  public EngineConfig withMemoryLimit(long bytes) {
    return new EngineConfig(threads, kernels, options, bytes, debug);
  }

  public EngineConfig withDebug(boolean on) {
    return new EngineConfig(threads, kernels, options, memoryLimit, on);
  }
}
