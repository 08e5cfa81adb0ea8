package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Bfloat16;
import birkhoff.engine.kernel.Bfloat16.ProductShape;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.UnaryOp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Conversions and functions of 8,192 bfloat16 numbers, and products with weights in bfloat16. */
final class Bfloat16Cases {
  private static final int N = 8192;
  private static final int ODD = N - 3;
  // Nothing divides them, so that edges are met.
  private static final int IN = 301;
  // Enough for the JIT to find a row's loop hot after a few calls.
  private static final int OUT = 1030;
  private static final int[] ROWS = {1, 4};

  private final List<KernelCase> cases = new ArrayList<>();

  private Bfloat16Cases() {}

  static List<KernelCase> of(Bfloat16 k, Operands memory) {
    var all = new Bfloat16Cases();
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
    all.products(k, memory);
    return all.cases;
  }

  private void products(Bfloat16 k, Operands memory) {
    MemorySegment x = memory.normals(4 * IN);
    MemorySegment w = memory.zeros(OUT * IN);
    MemorySegment y = memory.zeros(4 * OUT);
    k.narrow(memory.normals(OUT * IN), 0, w, 0, (long) OUT * IN);
    for (int m : ROWS) {
      var shape = new ProductShape(m, OUT, IN);
      MemorySegment scratch = memory.scratch(Math.max(1, k.scratchBytes(shape)));
      add("product", "of " + m + " rows", () -> k.product(shape, x, w, null, y, scratch, 0, OUT));
    }
  }

  private static MemorySegment narrowed(Bfloat16 k, Operands memory) {
    MemorySegment to = memory.zeros(N);
    k.narrow(memory.normals(N), 0, to, 0, N);
    return to;
  }

  private void add(String method, String variant, Runnable call) {
    cases.add(new KernelCase(Role.BFLOAT16, method, variant, call));
  }
}
