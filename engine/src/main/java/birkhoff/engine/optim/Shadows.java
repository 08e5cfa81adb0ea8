package birkhoff.engine.optim;

import birkhoff.engine.Engine;
import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The bfloat16 copies of parameters, where there are any, which follow their updates. */
final class Shadows {
  private final MemorySegment[] wide;
  private final MemorySegment[] narrow;
  private final Bfloat16 rounding;

  Shadows(Engine engine, List<Parameter> parameters) {
    int n = parameters.size();
    wide = new MemorySegment[n];
    narrow = new MemorySegment[n];
    for (int i = 0; i < n; i++) {
      Parameter p = parameters.get(i);
      wide[i] = p.tensor().data();
      narrow[i] = p.shadow() == null ? null : p.shadow().data();
    }
    rounding = engine.kernels().bfloat16(DType.FLOAT32);
  }

  /** Elements {@code [lo, hi)} of a parameter have changed; best while they lie in the cache. */
  void follow(int parameter, long lo, long hi) {
    if (narrow[parameter] != null) {
      rounding.narrow(wide[parameter], lo, narrow[parameter], lo, hi - lo);
    }
  }
}
