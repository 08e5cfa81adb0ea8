package birkhoff.ffi.onednn;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.ffi.onednn.gen.dnnl_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.ToIntFunction;

/**
 * The loaded library's CPU engine, and handles that free themselves when nobody uses them any more.
 * Thread-safe.
 */
final class OneDnn {
  private final OneDnnControls controls;
  private final MethodHandle threadLimit;
  private final MemorySegment engine;

  /** Only made once a library is accepted. */
  OneDnn() {
    controls = new OneDnnControls(SymbolLookup.loaderLookup());
    threadLimit = controls.threadLimit().orElse(null);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment holder = arena.allocate(ValueLayout.ADDRESS);
      check(dnnl_h.dnnl_engine_create(holder, dnnl_h.dnnl_cpu(), 0), "dnnl_engine_create");
      // Never destroyed: the collector might free it before what was made with it.
      engine = holder.get(ValueLayout.ADDRESS, 0);
    }
  }

  OneDnnControls controls() {
    return controls;
  }

  MemorySegment engine() {
    return engine;
  }

  /** Calls of this thread use this thread only; must come before every call that computes. */
  void limitThreads() {
    if (threadLimit != null) {
      try {
        threadLimit.invokeExact(1);
      } catch (Throwable t) {
        throw OneDnnControls.failed("omp_set_num_threads", t);
      }
    }
  }

  /** The handle that {@code holder} received, destroyed by the garbage collector's leave. */
  static MemorySegment owned(MemorySegment holder, ToIntFunction<MemorySegment> destroy) {
    return holder
        .get(ValueLayout.ADDRESS, 0)
        .reinterpret(
            Arena.ofAuto(),
            handle -> {
              // Nobody is left who could be told of a failure.
              int _ = destroy.applyAsInt(handle);
            });
  }

  static void check(int status, String function) {
    if (status != dnnl_h.dnnl_success()) {
      throw new BirkhoffException("oneDNN: " + function + " failed with status " + status);
    }
  }
}
