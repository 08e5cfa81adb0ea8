package birkhoff.ffi.openblas;

import birkhoff.ffi.openblas.OpenBlasInfo.Threading;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The control functions of one opened OpenBLAS, called through its own symbols: the generated
 * bindings bind for good, so they must not be touched before a library is accepted.
 */
final class OpenBlasControls {
  static final List<String> REQUIRED =
      List.of(
          "cblas_sgemm",
          "cblas_dgemm",
          "cblas_sgemv",
          "cblas_dgemv",
          "openblas_set_num_threads",
          "openblas_get_num_threads",
          "openblas_get_parallel",
          "openblas_get_config",
          "openblas_get_corename");

  private final SymbolLookup symbols;

  OpenBlasControls(SymbolLookup symbols) {
    this.symbols = symbols;
  }

  /** Limits the library to one thread per call and says why it cannot serve, or nothing. */
  Optional<String> unsuitable() {
    String config = text("openblas_get_config");
    if (config.contains("USE64BITINT")) {
      return Optional.of("built with 64-bit integers (" + config.strip() + ")");
    }
    callVoid("openblas_set_num_threads", 1);
    if (callInt("openblas_get_num_threads") != 1) {
      return Optional.of("openblas_set_num_threads(1) has no effect");
    }
    return threading().refusal(ompThreads());
  }

  OpenBlasInfo info(String location) {
    return new OpenBlasInfo(
        text("openblas_get_config").strip(),
        text("openblas_get_corename").strip(),
        callInt("openblas_get_num_threads"),
        threading(),
        location);
  }

  private Threading threading() {
    return switch (callInt("openblas_get_parallel")) {
      case 0 -> Threading.SEQUENTIAL;
      case 1 -> Threading.PTHREADS;
      default -> Threading.OPENMP;
    };
  }

  private int ompThreads() {
    if (threading() != Threading.OPENMP) {
      return 1;
    }
    if (symbols.find("omp_get_max_threads").isEmpty()) {
      return Runtime.getRuntime().availableProcessors();
    }
    var threads = new AtomicInteger();
    Thread fresh = Thread.ofPlatform().start(() -> threads.set(callInt("omp_get_max_threads")));
    boolean interrupted = false;
    while (true) {
      try {
        fresh.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return threads.get();
  }

  private int callInt(String name) {
    try {
      return (int) handle(name, FunctionDescriptor.of(ValueLayout.JAVA_INT)).invokeExact();
    } catch (Throwable t) {
      throw failed(name, t);
    }
  }

  private void callVoid(String name, int argument) {
    try {
      handle(name, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)).invokeExact(argument);
    } catch (Throwable t) {
      throw failed(name, t);
    }
  }

  private String text(String name) {
    try {
      MethodHandle handle = handle(name, FunctionDescriptor.of(ValueLayout.ADDRESS));
      MemorySegment address = (MemorySegment) handle.invokeExact();
      return address.equals(MemorySegment.NULL) ? "" : address.reinterpret(4096).getString(0);
    } catch (Throwable t) {
      throw failed(name, t);
    }
  }

  private MethodHandle handle(String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type);
  }

  private static RuntimeException failed(String name, Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(name + " failed", t);
  }
}
