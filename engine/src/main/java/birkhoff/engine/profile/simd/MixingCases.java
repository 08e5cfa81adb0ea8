package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.kernel.Mixing.GateShape;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Hyper-connections of four streams on 48 tokens of width 96. */
final class MixingCases {
  private static final int N = 48;
  private static final int WIDTH = 96;
  private static final int D = 4;
  private static final int MIXER = 28;

  private final List<KernelCase> cases = new ArrayList<>();

  private MixingCases() {}

  static List<KernelCase> of(Mixing k, Operands memory) {
    var all = new MixingCases();
    var gates = new GateShape(D, MIXER);
    MemorySegment x = memory.normals(N * D * WIDTH);
    MemorySegment y = memory.normals(N * D * WIDTH);
    MemorySegment u = memory.normals(N * WIDTH);
    MemorySegment f = memory.normals(N * WIDTH);
    MemorySegment raw = memory.normals(gates.rows() * N);
    MemorySegment graw = memory.normals(gates.rows() * N);
    MemorySegment rrms = memory.constants(N, 0.5f);
    MemorySegment grrms = memory.normals(N);
    MemorySegment gate = memory.normals(3);
    MemorySegment bias = memory.normals(gates.rows());
    MemorySegment partial = memory.zeros(gates.rows() + 3);
    MemorySegment pre = memory.normals(D * N);
    MemorySegment gpre = memory.normals(D * N);
    MemorySegment post = memory.normals(D * N);
    MemorySegment gpost = memory.normals(D * N);
    MemorySegment z = memory.normals(MIXER * N);
    MemorySegment gz = memory.normals(MIXER * N);
    MemorySegment h = memory.normals(D * D * N);
    MemorySegment gh = memory.normals(D * D * N);
    all.add("gates", () -> k.gates(gates, raw, rrms, gate, bias, pre, post, z, N, 0, N));
    all.add(
        "gatesVjp",
        () ->
            k.gatesVjp(
                gates, raw, rrms, gate, pre, post, gpre, gpost, gz, graw, grrms, partial, 0, N, 0,
                N));
    MemorySegment generator = memory.normals(gates.rows() * D * WIDTH);
    all.add("generate", () -> k.generate(x, generator, raw, gates.rows(), D * WIDTH, N, 0, N));
    int inner = D * WIDTH;
    MemorySegment packed = memory.zeros(Math.toIntExact(Mixing.packed(gates.rows(), inner)));
    all.add(
        "packGenerator",
        () -> k.packGenerator(generator, packed, gates.rows(), inner, 0, Mixing.panels(inner)));
    all.add("generateVjp", () -> k.generateVjp(graw, packed, y, gates.rows(), inner, N, 0, N));
    all.add(
        "generatorVjp",
        () -> k.generatorVjp(graw, x, generator, false, gates.rows(), inner, N, 0, inner));
    all.add("streamRead", () -> k.streamRead(x, pre, u, D, WIDTH, N, 0, N));
    all.add("streamReadGates", () -> k.streamReadGates(x, f, gpre, D, WIDTH, N, 0, N));
    all.add(
        "streamReadVjp",
        () -> k.streamReadVjp(x, pre, f, rrms, grrms, y, false, D, WIDTH, N, 0, N));
    all.add("streamWrite", () -> k.streamWrite(x, h, post, f, y, grrms, 1e-6, D, WIDTH, N, 0, N));
    all.add(
        "streamWriteVjp", () -> k.streamWriteVjp(x, post, f, x, u, gh, gpost, D, WIDTH, N, 0, N));
    MemorySegment scratch = memory.zeros(inner);
    all.add("mixTransposed", () -> k.mixTransposed(h, y, scratch, D, WIDTH, N, 0, N));
    return all.cases;
  }

  private void add(String method, Runnable call) {
    cases.add(new KernelCase(Role.MIXING, method, "", call));
  }
}
