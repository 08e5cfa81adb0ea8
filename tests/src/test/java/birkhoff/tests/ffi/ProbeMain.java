package birkhoff.tests.ffi;

import birkhoff.engine.kernel.KernelOptions;
import birkhoff.ffi.openblas.OpenBlasProvider;
import java.nio.file.Path;
import java.util.Optional;

/** Probes OpenBLAS once for each argument ({@code -}: no option) and prints the answers. */
final class ProbeMain {
  private ProbeMain() {}

  public static void main(String[] args) {
    var provider = new OpenBlasProvider();
    for (String arg : args) {
      Optional<Path> path = arg.equals("-") ? Optional.empty() : Optional.of(Path.of(arg));
      var probe = provider.probe(new KernelOptions(path));
      System.out.println((probe.available() ? "yes: " : "no: ") + probe.detail());
      probe.attempts().forEach(a -> System.out.println("  " + a));
      provider.info().ifPresent(i -> System.out.println("  location " + i.location()));
    }
  }
}
