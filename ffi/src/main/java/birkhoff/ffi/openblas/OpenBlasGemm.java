package birkhoff.ffi.openblas;

import static birkhoff.ffi.NativeOperands.requireReadable;
import static birkhoff.ffi.NativeOperands.requireWritable;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.Gemm;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.ffi.openblas.OpenBlasCalls.Call;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * {@link Gemm} through {@code cblas_sgemm} and {@code cblas_dgemm}, one call of one thread for each
 * fixed piece of the work ({@link GemmTiles}). Operands are checked before the library sees them,
 * which checks nothing. With {@code α = 0} the operands are not read, as in BLAS. Thread-safe.
 */
final class OpenBlasGemm implements Gemm {
  private static final String KERNEL = "gemm";
  private static final String LIBRARY = "OpenBLAS";
  private static final int MOST_CUTS = 1024;

  private final DType dtype;
  private final Function<GemmShape, GemmTiles> cutter;
  // Choosing a cut takes microseconds, and a run has few shapes.
  private final Map<GemmShape, GemmTiles> cuts = new ConcurrentHashMap<>();

  /** Only made once a library is loaded. */
  OpenBlasGemm(DType dtype) {
    this(dtype, shape -> GemmTiles.of(shape, dtype == DType.FLOAT32));
  }

  /** The same with other cuts. */
  OpenBlasGemm(DType dtype, Function<GemmShape, GemmTiles> cutter) {
    if (!dtype.isFloating()) {
      throw new DTypeException("gemm: OpenBLAS has no product of " + dtype);
    }
    this.dtype = dtype;
    this.cutter = cutter;
  }

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c) {
    check(shape, a, b, c);
    if (shape.batch() == 0 || shape.m() == 0 || shape.n() == 0) {
      return;
    }
    if (shape.k() == 0 || alpha == 0) {
      scale(team, shape, beta, c);
      return;
    }
    GemmTiles cut = cut(shape);
    var calls = new OpenBlasCalls(dtype, shape, alpha, a, b, beta, c);
    if (cut.parts() > 1) {
      new SplitSums(calls, cut).run(team);
      return;
    }
    Call[] tiles = new Call[Math.toIntExact(cut.tiles())];
    for (int tile = 0; tile < tiles.length; tile++) {
      tiles[tile] = calls.intoResult(cut.piece(shape, tile, 0));
    }
    team.run(
        cut.blocks(),
        (block, worker) -> {
          int end = Math.min(tiles.length, (block + 1) * cut.perBlock());
          for (int tile = block * cut.perBlock(); tile < end; tile++) {
            tiles[tile].run();
          }
        });
  }

  private GemmTiles cut(GemmShape shape) {
    GemmTiles known = cuts.get(shape);
    if (known != null) {
      return known;
    }
    if (cuts.size() >= MOST_CUTS) {
      cuts.clear();
    }
    GemmTiles found = cutter.apply(shape);
    cuts.put(shape, found);
    return found;
  }

  private void check(GemmShape shape, MemorySegment a, MemorySegment b, MemorySegment c) {
    requireReadable(KERNEL, LIBRARY, "A", a, dtype);
    requireReadable(KERNEL, LIBRARY, "B", b, dtype);
    requireWritable(KERNEL, LIBRARY, "C", c, dtype);
    shape.check(a, b, dtype, c, dtype);
    long longest = Math.max(shape.lda(), Math.max(shape.ldb(), shape.ldc()));
    if (longest > Integer.MAX_VALUE) {
      throw new ShapeException(
          "gemm: OpenBLAS counts in 32 bits; a row distance of "
              + longest
              + " is too long, use kernels=vector");
    }
  }

  // C = β·C, without reading C when β = 0.
  private void scale(ThreadTeam team, GemmShape s, double beta, MemorySegment c) {
    if (beta == 1) {
      return;
    }
    long bytes = (long) s.n() * dtype.bytes();
    team.run(
        Partition.rows((long) s.batch() * s.m(), s.n()),
        (lo, hi, worker) -> {
          for (long r = lo; r < hi; r++) {
            long first = r / s.m() * s.strideC() + r % s.m() * s.ldc();
            MemorySegment row = c.asSlice(first * dtype.bytes(), bytes);
            if (beta == 0) {
              row.fill((byte) 0);
            } else {
              scaleRow(row, s.n(), beta);
            }
          }
        });
  }

  private void scaleRow(MemorySegment row, int n, double beta) {
    for (int j = 0; j < n; j++) {
      if (dtype == DType.FLOAT32) {
        float old = row.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, j);
        row.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, j, (float) beta * old);
      } else {
        double old = row.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, j);
        row.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, j, beta * old);
      }
    }
  }
}
