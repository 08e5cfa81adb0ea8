package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.Mixers;
import birkhoff.engine.kernel.Role;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Mixers of four streams for 48 tokens. */
final class MixerCases {
  private static final int N = 48;
  private static final int D = 4;
  private static final int FACTOR = 2;
  private static final int SKEW = 8;

  private MixerCases() {}

  static List<KernelCase> of(Mixers k, Operands memory) {
    var cases = new ArrayList<KernelCase>();
    for (MixerShape shape :
        List.of(
            new MixerShape.Cayley(D, 2),
            new MixerShape.Permutations(D),
            new MixerShape.Sinkhorn(D, 20),
            new MixerShape.Identity(D))) {
      int p = Math.max(1, shape.parameters());
      MemorySegment z = memory.normals(p * N);
      MemorySegment gz = memory.normals(p * N);
      MemorySegment h = memory.normals(D * D * N);
      MemorySegment gh = memory.normals(D * D * N);
      MemorySegment scratch = memory.scratch(Math.max(1, k.scratchBytes(shape)));
      String name = shape.name();
      cases.add(
          new KernelCase(
              Role.MIXERS, "mix", name, () -> k.mix(shape, z, h, null, scratch, N, 0, N)));
      // The identity has no numbers and so no gradient.
      if (shape.parameters() > 0) {
        cases.add(
            new KernelCase(
                Role.MIXERS,
                "mixVjp",
                name,
                () -> k.mixVjp(shape, z, gh, gz, null, scratch, N, 0, N)));
      }
    }
    MemorySegment left = memory.normals(FACTOR * FACTOR * N);
    MemorySegment right = memory.normals(FACTOR * FACTOR * N);
    MemorySegment gleft = memory.normals(FACTOR * FACTOR * N);
    MemorySegment gright = memory.normals(FACTOR * FACTOR * N);
    MemorySegment h = memory.normals(D * D * N);
    cases.add(
        new KernelCase(
            Role.MIXERS,
            "kronecker",
            "",
            () -> k.kronecker(FACTOR, FACTOR, left, right, h, N, 0, N)));
    cases.add(
        new KernelCase(
            Role.MIXERS,
            "kroneckerVjp",
            "",
            () -> k.kroneckerVjp(FACTOR, FACTOR, left, right, h, gleft, gright, N, 0, N)));
    MemorySegment theta = memory.normals(SKEW * SKEW * N);
    MemorySegment z = memory.normals(SKEW * (SKEW - 1) / 2 * N);
    cases.add(
        new KernelCase(Role.MIXERS, "skewPart", "", () -> k.skewPart(SKEW, theta, z, N, 0, N)));
    cases.add(
        new KernelCase(
            Role.MIXERS, "skewPartVjp", "", () -> k.skewPartVjp(SKEW, z, theta, N, 0, N)));
    return cases;
  }
}
