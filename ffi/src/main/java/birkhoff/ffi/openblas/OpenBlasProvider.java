package birkhoff.ffi.openblas;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.load.LibrarySearch;
import birkhoff.ffi.load.LoadAttempt;
import birkhoff.ffi.load.LoadReport;
import birkhoff.ffi.load.NativeLibrary;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Serves {@link Role#GEMM} for float32 and float64 with OpenBLAS, where one loads and passes a
 * self-test. Its own threads are off: the engine's team calls it from above.
 *
 * <p>The library is the process's: all engines of a JVM share it. Thread-safe.
 */
public final class OpenBlasProvider implements KernelProvider {
  private final Function<KernelOptions, LibrarySearch> places;
  private volatile OpenBlasInfo info;
  private volatile LoadReport report;

  /** Looks in the places that {@link OpenBlasPlaces} documents. */
  public OpenBlasProvider() {
    this(options -> OpenBlasPlaces.here().search(options.openBlas().map(Path::toString)));
  }

  /** Looks where {@code places} says. */
  public OpenBlasProvider(Function<KernelOptions, LibrarySearch> places) {
    this.places = places;
  }

  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public int priority() {
    return 20;
  }

  @Override
  public Probe probe(KernelOptions options) {
    info = null;
    try {
      LoadReport found =
          NativeLibrary.load(places.apply(options), s -> new OpenBlasControls(s).unsuitable());
      report = found;
      Optional<LoadAttempt> loaded = found.loaded();
      if (loaded.isEmpty()) {
        String reason = String.join("; ", found.lines());
        return found.userRefused()
            ? Probe.refused(reason, found.lines())
            : Probe.unavailable(reason, found.lines());
      }
      OpenBlasInfo serving =
          new OpenBlasControls(SymbolLookup.loaderLookup()).info(loaded.get().location());
      Optional<String> wrong = GemmSelfTest.run();
      if (wrong.isPresent()) {
        return Probe.unavailable(serving + " fails its self-test: " + wrong.get(), found.lines());
      }
      info = serving;
      return Probe.available(serving.toString(), found.lines());
    } catch (RuntimeException | LinkageError e) {
      // Bindings that do not fit this platform end here as well.
      return Probe.unavailable("OpenBLAS cannot be used: " + e, List.of());
    }
  }

  @Override
  public Optional<Object> kernel(Role role, DType dtype) {
    Optional<Gemm> gemm =
        role == Role.GEMM && info != null && dtype.isFloating()
            ? Optional.of(new OpenBlasGemm(dtype))
            : Optional.empty();
    return gemm.map(g -> g);
  }

  /**
   * Products that are one call of the library each, with {@code threads} threads of its own: what
   * its other users get, for benchmarks. The number of threads is the process's and is one again
   * after each product, so nobody else may call the library meanwhile. Empty before a successful
   * {@link #probe}.
   */
  public Optional<Gemm> wholeProducts(DType dtype, int threads) {
    if (info == null) {
      return Optional.empty();
    }
    Gemm whole = new OpenBlasGemm(dtype, GemmTiles::whole);
    return Optional.of(
        threads == 1
            ? whole
            : (team, shape, alpha, a, b, beta, c) -> {
              OpenBlasCalls.threads(threads);
              try {
                whole.gemm(team, shape, alpha, a, b, beta, c);
              } finally {
                OpenBlasCalls.threads(1);
              }
            });
  }

  /** The library that serves; empty before a successful {@link #probe}. */
  public Optional<OpenBlasInfo> info() {
    return Optional.ofNullable(info);
  }

  /** What the last {@link #probe} tried; empty before. */
  public Optional<LoadReport> report() {
    return Optional.ofNullable(report);
  }
}
