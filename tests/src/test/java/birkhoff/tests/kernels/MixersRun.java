package birkhoff.tests.kernels;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.Mixers;
import birkhoff.engine.memory.Segments;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.GuardedMemory;
import birkhoff.tests.support.RandomArrays;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Runs mixer kernels on plain arrays between guards, in blocks of {@code grain} tokens. */
record MixersRun(Mixers kernel, DType dtype, int grain) {
  @FunctionalInterface
  private interface Block {
    void run(long lo, long hi);
  }

  private void blocks(int tokens, Block block) {
    for (int lo = 0; lo < tokens; lo += grain) {
      block.run(lo, Math.min(tokens, lo + grain));
    }
  }

  private MemorySegment in(GuardedMemory memory, double[] values) {
    return dtype == DType.FLOAT32 ? memory.of(RandomArrays.narrow(values)) : memory.of(values);
  }

  private MemorySegment out(GuardedMemory memory, int n) {
    return dtype == DType.FLOAT32 ? memory.unwrittenFloats(n) : memory.unwrittenDoubles(n);
  }

  private double[] back(MemorySegment m) {
    return dtype == DType.FLOAT32
        ? RandomArrays.widen(GuardedMemory.floats(m))
        : GuardedMemory.doubles(m);
  }

  private MemorySegment scratch(Arena arena, MixerShape shape) {
    return Segments.allocate(arena, Math.max(1, kernel.scratchBytes(shape)));
  }

  double[] mix(MixerShape shape, double[] z, int tokens) {
    try (var memory = new GuardedMemory();
        Arena arena = Arena.ofConfined()) {
      MemorySegment scratch = scratch(arena, shape);
      MemorySegment in = in(memory, z);
      MemorySegment h = out(memory, shape.d() * shape.d() * tokens);
      blocks(tokens, (lo, hi) -> kernel.mix(shape, in, h, null, scratch, tokens, lo, hi));
      return back(h);
    }
  }

  double[] mixVjp(MixerShape shape, double[] z, double[] gh, int tokens) {
    try (var memory = new GuardedMemory();
        Arena arena = Arena.ofConfined()) {
      MemorySegment scratch = scratch(arena, shape);
      MemorySegment in = in(memory, z);
      MemorySegment g = in(memory, gh);
      MemorySegment gz = out(memory, z.length);
      blocks(tokens, (lo, hi) -> kernel.mixVjp(shape, in, g, gz, null, scratch, tokens, lo, hi));
      return back(gz);
    }
  }

  /** {@link #mixVjp} with what mix kept; the grain must be a multiple of 16. */
  double[] keptVjp(MixerShape shape, double[] z, double[] gh, int tokens) {
    try (var memory = new GuardedMemory();
        Arena arena = Arena.ofConfined()) {
      MemorySegment scratch = scratch(arena, shape);
      MemorySegment in = in(memory, z);
      MemorySegment h = out(memory, shape.d() * shape.d() * tokens);
      MemorySegment kept = memory.unwrittenFloats(Math.toIntExact(shape.kept(tokens)));
      MemorySegment g = in(memory, gh);
      MemorySegment gz = out(memory, z.length);
      blocks(tokens, (lo, hi) -> kernel.mix(shape, in, h, kept, scratch, tokens, lo, hi));
      scratch.fill((byte) -1);
      blocks(tokens, (lo, hi) -> kernel.mixVjp(shape, in, g, gz, kept, scratch, tokens, lo, hi));
      return back(gz);
    }
  }

  double[] kronecker(int a, int b, double[] left, double[] right, int tokens) {
    try (var memory = new GuardedMemory()) {
      MemorySegment l = in(memory, left);
      MemorySegment r = in(memory, right);
      MemorySegment h = out(memory, a * a * b * b * tokens);
      blocks(tokens, (lo, hi) -> kernel.kronecker(a, b, l, r, h, tokens, lo, hi));
      return back(h);
    }
  }

  /** Gradients of the left and of the right factor. */
  List<double[]> kroneckerVjp(
      int a, int b, double[] left, double[] right, double[] gh, int tokens) {
    try (var memory = new GuardedMemory()) {
      MemorySegment l = in(memory, left);
      MemorySegment r = in(memory, right);
      MemorySegment g = in(memory, gh);
      MemorySegment gl = out(memory, left.length);
      MemorySegment gr = out(memory, right.length);
      blocks(tokens, (lo, hi) -> kernel.kroneckerVjp(a, b, l, r, g, gl, gr, tokens, lo, hi));
      return List.of(back(gl), back(gr));
    }
  }

  double[] skewPart(int n, double[] theta, int tokens) {
    try (var memory = new GuardedMemory()) {
      MemorySegment in = in(memory, theta);
      MemorySegment z = out(memory, n * (n - 1) / 2 * tokens);
      blocks(tokens, (lo, hi) -> kernel.skewPart(n, in, z, tokens, lo, hi));
      return back(z);
    }
  }

  double[] skewPartVjp(int n, double[] gz, int tokens) {
    try (var memory = new GuardedMemory()) {
      MemorySegment in = in(memory, gz);
      MemorySegment gtheta = out(memory, n * n * tokens);
      blocks(tokens, (lo, hi) -> kernel.skewPartVjp(n, in, gtheta, tokens, lo, hi));
      return back(gtheta);
    }
  }
}
