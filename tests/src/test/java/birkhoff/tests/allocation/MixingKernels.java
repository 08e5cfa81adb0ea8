package birkhoff.tests.allocation;

import static birkhoff.tests.support.RandomArrays.floats;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.kernel.Mixing.CayleyShape;
import birkhoff.engine.kernel.Mixing.GateShape;
import birkhoff.engine.kernel.vector.VectorMixing;
import birkhoff.engine.memory.Segments;
import birkhoff.tests.support.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/** The hyper-connection kernels, ready to be called. */
final class MixingKernels {
  private static final int TOKENS = 48;
  private static final int WIDTH = 96;
  private static final int D = 4;

  private MixingKernels() {}

  private static MemorySegment draw(Arena arena, String name, int n) {
    MemorySegment m = Segments.allocate(arena, 4L * n);
    float[] values = floats(Seeds.random(name, n), n, 1);
    MemorySegment.copy(values, 0, m, ValueLayout.JAVA_FLOAT, 0, n);
    return m;
  }

  static Map<String, Runnable> kernels() {
    Arena arena = Arena.ofAuto();
    Mixing k = new VectorMixing();
    var cayley = new CayleyShape(D, 2);
    var gates = new GateShape(D, cayley.parameters());
    MemorySegment x = draw(arena, "x", TOKENS * D * WIDTH);
    MemorySegment y = draw(arena, "y", TOKENS * D * WIDTH);
    MemorySegment u = draw(arena, "u", TOKENS * WIDTH);
    MemorySegment f = draw(arena, "f", TOKENS * WIDTH);
    MemorySegment raw = draw(arena, "raw", gates.rows() * TOKENS);
    MemorySegment graw = draw(arena, "graw", gates.rows() * TOKENS);
    MemorySegment rrms = draw(arena, "rrms", TOKENS);
    MemorySegment grrms = draw(arena, "grrms", TOKENS);
    MemorySegment gate = draw(arena, "gate", 3);
    MemorySegment bias = draw(arena, "bias", gates.rows());
    MemorySegment partial = draw(arena, "partial", gates.rows() + 3);
    MemorySegment pre = draw(arena, "pre", D * TOKENS);
    MemorySegment gpre = draw(arena, "gpre", D * TOKENS);
    MemorySegment post = draw(arena, "post", D * TOKENS);
    MemorySegment gpost = draw(arena, "gpost", D * TOKENS);
    MemorySegment z = draw(arena, "z", cayley.parameters() * TOKENS);
    MemorySegment gz = draw(arena, "gz", cayley.parameters() * TOKENS);
    MemorySegment h = draw(arena, "h", D * D * TOKENS);
    MemorySegment gh = draw(arena, "gh", D * D * TOKENS);
    MemorySegment scratch = Segments.allocate(arena, k.scratchBytes(cayley));
    int n = TOKENS;
    Map<String, Runnable> all = new LinkedHashMap<>();
    all.put("gates", () -> k.gates(gates, raw, rrms, gate, bias, pre, post, z, n, 0, n));
    all.put("cayley", () -> k.cayley(cayley, z, h, scratch, n, 0, n));
    all.put("cayleyVjp", () -> k.cayleyVjp(cayley, z, gh, gz, scratch, n, 0, n));
    all.put("read", () -> k.streamRead(x, pre, u, D, WIDTH, n, 0, n));
    all.put("readGates", () -> k.streamReadGates(x, f, gpre, D, WIDTH, n, 0, n));
    all.put("readVjp", () -> k.streamReadVjp(x, pre, f, rrms, grrms, y, false, D, WIDTH, n, 0, n));
    all.put("write", () -> k.streamWrite(x, h, post, f, y, grrms, 1e-6, D, WIDTH, n, 0, n));
    all.put(
        "writeVjp",
        () -> k.streamWriteVjp(x, h, post, f, x, y, false, u, gh, gpost, D, WIDTH, n, 0, n));
    all.put(
        "gatesVjp",
        () ->
            k.gatesVjp(
                gates, raw, rrms, gate, pre, post, gpre, gpost, gz, graw, grrms, partial, 0, n, 0,
                n));
    return all;
  }
}
