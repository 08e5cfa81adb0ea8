package birkhoff.ffi.onednn;

import static birkhoff.ffi.NativeOperands.requireReadable;
import static birkhoff.ffi.NativeOperands.requireWritable;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.MixedGemm;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@link MixedGemm} through oneDNN's matmul primitive, one call of one thread for each fixed tile
 * of the result ({@link MatmulTiles}). Operands are checked before the library sees them.
 * Thread-safe.
 */
final class OneDnnGemm implements MixedGemm {
  private static final String KERNEL = "mixed gemm";
  private static final String LIBRARY = "oneDNN";
  private static final int MOST_PRODUCTS = 1024;

  private final OneDnn library;
  // Compiling takes milliseconds, and a run has few shapes.
  private final Map<Matmul.Geometry, Matmul> compiled = new ConcurrentHashMap<>();
  private final Map<GemmShape, MatmulTiles> cuts = new ConcurrentHashMap<>();

  OneDnnGemm(OneDnn library) {
    this.library = library;
  }

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape shape,
      MemorySegment a,
      MemorySegment b,
      MemorySegment bias,
      boolean accumulate,
      DType result,
      MemorySegment c) {
    check(shape, a, b, bias, result, c);
    if (shape.batch() == 0 || shape.m() == 0 || shape.n() == 0) {
      return;
    }
    if (shape.k() == 0) {
      empty(team, shape, bias, accumulate, result, c);
      return;
    }
    MatmulTiles cut = cuts.get(shape);
    if (cut == null) {
      cut = MatmulTiles.of(shape);
      remember(cuts, shape, cut);
    }
    var run = new TiledRun(team, shape, cut, a, b, bias, accumulate, result, c, this::matmul);
    team.run(run.tiles(), run);
  }

  private Matmul matmul(Matmul.Geometry geometry) {
    Matmul known = compiled.get(geometry);
    if (known == null) {
      known = new Matmul(library, geometry);
      remember(compiled, geometry, known);
    }
    return known;
  }

  private static <K, V> void remember(Map<K, V> cache, K key, V value) {
    if (cache.size() >= MOST_PRODUCTS) {
      cache.clear();
    }
    cache.put(key, value);
  }

  private static void check(
      GemmShape shape,
      MemorySegment a,
      MemorySegment b,
      MemorySegment bias,
      DType result,
      MemorySegment c) {
    if (result != DType.FLOAT32 && result != DType.BFLOAT16) {
      throw new DTypeException("mixed gemm: the result is float32 or bfloat16, not " + result);
    }
    requireReadable(KERNEL, LIBRARY, "A", a, DType.BFLOAT16);
    requireReadable(KERNEL, LIBRARY, "B", b, DType.BFLOAT16);
    requireWritable(KERNEL, LIBRARY, "C", c, result);
    shape.check(a, b, DType.BFLOAT16, c, result);
    if (bias != null) {
      requireReadable(KERNEL, LIBRARY, "bias", bias, DType.FLOAT32);
      long elements = bias.byteSize() / Float.BYTES;
      if (elements < shape.n()) {
        throw new ShapeException(
            "mixed gemm: the bias has " + elements + " elements for " + shape.n() + " columns");
      }
    }
  }

  /** Sums of nothing: the bias, added or written. */
  private static void empty(
      ThreadTeam team,
      GemmShape s,
      MemorySegment bias,
      boolean accumulate,
      DType result,
      MemorySegment c) {
    if (accumulate && bias == null) {
      return;
    }
    team.run(
        Partition.rows((long) s.batch() * s.m(), s.n()),
        (lo, hi, worker) -> {
          for (long r = lo; r < hi; r++) {
            long first = r / s.m() * s.strideC() + r % s.m() * s.ldc();
            for (int j = 0; j < s.n(); j++) {
              float add = bias == null ? 0 : bias.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, j);
              put(c, first + j, add, accumulate, result);
            }
          }
        });
  }

  private static void put(MemorySegment c, long at, float add, boolean accumulate, DType result) {
    if (result == DType.FLOAT32) {
      float old = accumulate ? c.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at) : 0;
      c.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at, old + add);
    } else {
      float old =
          accumulate ? DType.fromBfloat16(c.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, at)) : 0;
      c.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, at, DType.toBfloat16(old + add));
    }
  }
}
