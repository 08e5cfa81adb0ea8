package birkhoff.tests.kernels;

import birkhoff.engine.kernel.MixerShape;
import birkhoff.engine.kernel.Mixers;
import birkhoff.engine.memory.Segments;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Runs the kernels of a mixer on one token or many, given and returned as plain arrays. */
public record MixerProbe(Mixers kernel, DType dtype, MixerShape shape) {
  /** H, row-major, of one token. */
  public double[] mixer(double... z) {
    return columns(mixers(new double[][] {z}))[0];
  }

  /** dL/dz of one token for dL/dH = g. */
  public double[] gradient(double[] z, double[] g) {
    return columns(gradients(new double[][] {z}, new double[][] {g}))[0];
  }

  /** H of every token, {@code [d·d][tokens]}. */
  public double[][] mixers(double[][] z) {
    int tokens = z.length;
    try (Arena arena = Arena.ofConfined()) {
      int dd = shape.d() * shape.d();
      MemorySegment h = cells(arena, dd * tokens);
      kernel.mix(shape, pack(arena, z), h, null, scratch(arena), tokens, 0, tokens);
      return unpack(h, dd, tokens);
    }
  }

  /** dL/dz of every token, {@code [P][tokens]}. */
  public double[][] gradients(double[][] z, double[][] g) {
    int tokens = z.length;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment gz = cells(arena, shape.parameters() * tokens);
      kernel.mixVjp(
          shape, pack(arena, z), pack(arena, g), gz, null, scratch(arena), tokens, 0, tokens);
      return unpack(gz, shape.parameters(), tokens);
    }
  }

  private MemorySegment scratch(Arena arena) {
    return Segments.allocate(arena, Math.max(1, kernel.scratchBytes(shape)));
  }

  private MemorySegment cells(Arena arena, int count) {
    return Segments.allocate(arena, Math.max(1L, count) * dtype.bytes());
  }

  private MemorySegment pack(Arena arena, double[][] tokens) {
    int numbers = tokens[0].length;
    MemorySegment m = cells(arena, numbers * tokens.length);
    for (int t = 0; t < tokens.length; t++) {
      for (int i = 0; i < numbers; i++) {
        long at = (long) i * tokens.length + t;
        if (dtype == DType.FLOAT32) {
          m.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) tokens[t][i]);
        } else {
          m.setAtIndex(ValueLayout.JAVA_DOUBLE, at, tokens[t][i]);
        }
      }
    }
    return m;
  }

  private double[][] unpack(MemorySegment m, int rows, int tokens) {
    double[][] out = new double[rows][tokens];
    for (int i = 0; i < rows; i++) {
      for (int t = 0; t < tokens; t++) {
        long at = (long) i * tokens + t;
        out[i][t] =
            dtype == DType.FLOAT32
                ? m.getAtIndex(ValueLayout.JAVA_FLOAT, at)
                : m.getAtIndex(ValueLayout.JAVA_DOUBLE, at);
      }
    }
    return out;
  }

  /** The transpose: one row per token. */
  public static double[][] columns(double[][] rows) {
    int tokens = rows.length == 0 ? 0 : rows[0].length;
    double[][] out = new double[Math.max(1, tokens)][rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int t = 0; t < tokens; t++) {
        out[t][i] = rows[i][t];
      }
    }
    return out;
  }
}
