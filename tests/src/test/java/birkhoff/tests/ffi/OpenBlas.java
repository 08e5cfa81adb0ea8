package birkhoff.tests.ffi;

import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.OpenBlasProvider;

/** The OpenBLAS of this JVM. */
public final class OpenBlas {
  private OpenBlas() {}

  /** The product of a type; fails with the probe's reason when OpenBLAS does not serve. */
  public static Gemm gemm(DType dtype) {
    var provider = new OpenBlasProvider();
    Probe probe = provider.probe(KernelOptions.DEFAULT);
    if (!probe.available()) {
      throw new AssertionError(probe.detail());
    }
    return (Gemm) provider.kernel(Role.GEMM, dtype).orElseThrow();
  }
}
