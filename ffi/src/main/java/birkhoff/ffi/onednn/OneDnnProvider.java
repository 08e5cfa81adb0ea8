package birkhoff.ffi.onednn;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.load.LibrarySearch;
import birkhoff.ffi.load.LoadAttempt;
import birkhoff.ffi.load.LoadReport;
import birkhoff.ffi.load.NativeLibrary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Serves {@link Role#MIXED_GEMM} with oneDNN, where one loads, the processor has bfloat16 products
 * and a self-test passes. Each call uses its own thread only: the engine's team calls from above.
 *
 * <p>The library is the process's: all engines of a JVM share it. Thread-safe.
 */
public final class OneDnnProvider implements KernelProvider {
  private final Function<KernelOptions, LibrarySearch> places;
  private volatile OneDnn library;

  /** Looks in the places that {@link OneDnnPlaces} documents. */
  public OneDnnProvider() {
    this(options -> OneDnnPlaces.here().search(options.oneDnn().map(Path::toString)));
  }

  /** Looks where {@code places} says. */
  public OneDnnProvider(Function<KernelOptions, LibrarySearch> places) {
    this.places = places;
  }

  @Override
  public String name() {
    return "onednn";
  }

  /** Below the Vector kernels: whoever asks for those still gets the products they have not. */
  @Override
  public int priority() {
    return 5;
  }

  @Override
  public boolean isWanted(KernelOptions options) {
    return options.bfloat16();
  }

  @Override
  public Probe probe(KernelOptions options) {
    library = null;
    try {
      LoadReport found =
          NativeLibrary.load(places.apply(options), s -> new OneDnnControls(s).unsuitable());
      Optional<LoadAttempt> loaded = found.loaded();
      if (loaded.isEmpty()) {
        String reason = String.join("; ", found.lines());
        return found.userRefused()
            ? Probe.refused(reason, found.lines())
            : Probe.unavailable(reason, found.lines());
      }
      OneDnn serving = new OneDnn();
      String detail =
          "oneDNN "
              + serving.controls().versionText()
              + " AVX512_BF16, 1 thread per call, "
              + loaded.get().location();
      Optional<String> wrong = OneDnnSelfTest.run(serving);
      if (wrong.isPresent()) {
        return Probe.unavailable(detail + " fails its self-test: " + wrong.get(), found.lines());
      }
      library = serving;
      return Probe.available(detail, found.lines());
    } catch (RuntimeException | LinkageError e) {
      // Bindings that do not fit this platform end here as well.
      return Probe.unavailable("oneDNN cannot be used: " + e, List.of());
    }
  }

  @Override
  public Optional<Object> kernel(Role role, DType dtype) {
    OneDnn serving = library;
    return role == Role.MIXED_GEMM && dtype == DType.BFLOAT16 && serving != null
        ? Optional.of(new OneDnnGemm(serving))
        : Optional.empty();
  }
}
