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
 * @param debug fill released and reset workspace memory with NaN, to find stale reads
 */
public record EngineConfig(int threads, String kernels, KernelOptions options, boolean debug) {
  public EngineConfig {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads = " + threads + " is outside 1 … 1024");
    }
  }

  /** All processors, the best kernels. */
  public static EngineConfig defaults() {
    return new EngineConfig(
        Runtime.getRuntime().availableProcessors(), KernelTable.AUTO, KernelOptions.DEFAULT, false);
  }

  public EngineConfig withThreads(int n) {
    return new EngineConfig(n, kernels, options, debug);
  }

  public EngineConfig withKernels(String name) {
    return new EngineConfig(threads, name, options, debug);
  }

  public EngineConfig withOptions(KernelOptions o) {
    return new EngineConfig(threads, kernels, o, debug);
  }

  public EngineConfig withDebug(boolean on) {
    return new EngineConfig(threads, kernels, options, on);
  }
}
