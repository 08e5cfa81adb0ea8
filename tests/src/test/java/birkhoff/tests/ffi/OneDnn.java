package birkhoff.tests.ffi;

import birkhoff.engine.EngineConfig;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.MixedGemm;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.onednn.OneDnnProvider;
import org.junit.jupiter.api.Assumptions;

/**
 * The oneDNN of this JVM. Tests that need it are skipped on processors without bfloat16 products.
 */
public final class OneDnn {
  private static final String NO_PROCESSOR = "AVX512_BF16 (instruction set";

  private OneDnn() {}

  /** Its product; fails with the probe's reason when it does not serve though it could. */
  static MixedGemm gemm() {
    var provider = new OneDnnProvider();
    Probe probe = provider.probe(KernelOptions.DEFAULT.withBfloat16(true));
    require(probe);
    return (MixedGemm) provider.kernel(Role.MIXED_GEMM, DType.BFLOAT16).orElseThrow();
  }

  /** The configuration of an engine that has its products. */
  public static EngineConfig config(EngineConfig plain) {
    gemm();
    return plain.withOptions(KernelOptions.DEFAULT.withBfloat16(true));
  }

  private static void require(Probe probe) {
    boolean linux = System.getProperty("os.name").startsWith("Linux");
    boolean x86 = System.getProperty("os.arch").equals("amd64");
    Assumptions.assumeTrue(linux && x86, "oneDNN is tested on Linux x86-64 only");
    Assumptions.assumeFalse(probe.detail().contains(NO_PROCESSOR), probe.detail());
    if (!probe.available()) {
      throw new AssertionError(probe.detail());
    }
  }
}
