package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.MixedElementwise;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Conversions and functions of 8,192 bfloat16 numbers, and of some that fill no whole vector. */
final class MixedCases {
  private static final int N = 8192;
  private static final int ODD = N - 3;

  private final List<KernelCase> cases = new ArrayList<>();

  private MixedCases() {}

  static List<KernelCase> of(MixedElementwise k, Operands memory) {
    var all = new MixedCases();
    MemorySegment wide = memory.normals(N);
    MemorySegment out = memory.zeros(N);
    MemorySegment x = narrowed(k, memory);
    MemorySegment g = narrowed(k, memory);
    MemorySegment y = memory.zeros(N);
    all.add("narrow", "", () -> k.narrow(wide, 0, y, 0, N));
    all.add("narrow", "odd count", () -> k.narrow(wide, 0, y, 0, ODD));
    all.add("widen", "", () -> k.widen(x, 0, out, 0, N));
    all.add("widen", "odd count", () -> k.widen(x, 0, out, 0, ODD));
    all.add("add", "", () -> k.add(x, y, 0, N));
    for (UnaryOp op : UnaryOp.values()) {
      String name = op.name().toLowerCase(Locale.ROOT);
      all.add("unary", name, () -> k.unary(op, x, y, 0, N));
      all.add("unaryVjp", name, () -> k.unaryVjp(op, x, g, y, 0, N));
    }
    return all.cases;
  }

  private static MemorySegment narrowed(MixedElementwise k, Operands memory) {
    MemorySegment to = memory.zeros(N);
    k.narrow(memory.normals(N), 0, to, 0, N);
    return to;
  }

  private void add(String method, String variant, Runnable call) {
    cases.add(new KernelCase(Role.MIXED_ELEMENTWISE, method, variant, call));
  }
}
