package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.Elementwise;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Every function, its gradient, and the moves, on 8,192 numbers. */
final class ElementwiseCases {
  private static final int N = 8192;

  private final List<KernelCase> cases = new ArrayList<>();

  private ElementwiseCases() {}

  static List<KernelCase> of(Elementwise k, Operands memory) {
    var all = new ElementwiseCases();
    MemorySegment a = memory.normals(N);
    MemorySegment b = memory.normals(N);
    MemorySegment out = memory.zeros(N);
    for (UnaryOp op : UnaryOp.values()) {
      String name = op.name().toLowerCase(Locale.ROOT);
      all.add("unary", name, () -> k.unary(op, a, out, 0, N));
      all.add("unaryVjp", name, () -> k.unaryVjp(op, a, a, b, out, false, 0, N));
      all.add("unaryVjp", name + " accumulate", () -> k.unaryVjp(op, a, a, b, out, true, 0, N));
    }
    for (BinaryOp op : BinaryOp.values()) {
      String name = op.name().toLowerCase(Locale.ROOT);
      all.add("binary", name, () -> k.binary(op, a, 0, 1, b, 0, 1, out, 0, N));
      all.add("binary", name + " scalar", () -> k.binary(op, a, 0, 1, b, 0, 0, out, 0, N));
      all.add(
          "binaryVjp",
          name + " first",
          () -> k.binaryVjp(op, true, a, 0, 1, b, 0, 1, b, out, 0, N));
      all.add(
          "binaryVjp",
          name + " second",
          () -> k.binaryVjp(op, false, a, 0, 1, b, 0, 1, b, out, 0, N));
    }
    all.add("axpby", "", () -> k.axpby(0.5, a, 0.5, out, 0, N));
    all.add("copy", "", () -> k.copy(a, 0, 1, out, 0, 1, N));
    all.add("fill", "", () -> k.fill(0.5, out, 0, N));
    return all.cases;
  }

  private void add(String method, String variant, Runnable call) {
    cases.add(new KernelCase(Role.ELEMENTWISE, method, variant, call));
  }
}
