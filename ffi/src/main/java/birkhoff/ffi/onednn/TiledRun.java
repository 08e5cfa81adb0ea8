package birkhoff.ffi.onednn;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.BlockTask;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * The tiles of one checked product. Their calls are prepared here and not when they run: a recorded
 * product runs in every step, and then nothing is allocated.
 */
final class TiledRun implements BlockTask {
  /** One call of the library with the parts of the operands that it uses. */
  private record Call(
      Matmul matmul, MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment bias) {}

  private final ThreadTeam team;
  private final Call[] calls;

  /**
   * @param bias null for none
   * @param matmuls compiles a geometry, or knows it
   */
  TiledRun(
      ThreadTeam team,
      GemmShape shape,
      MatmulTiles cut,
      MemorySegment a,
      MemorySegment b,
      MemorySegment bias,
      boolean accumulate,
      DType result,
      MemorySegment c,
      Function<Matmul.Geometry, Matmul> matmuls) {
    this.team = team;
    this.calls = new Call[cut.tiles(shape)];
    for (int tile = 0; tile < calls.length; tile++) {
      long product = tile / cut.across() / cut.down();
      int i = tile / cut.across() % cut.down() * cut.rows();
      int j = tile % cut.across() * cut.cols();
      var geometry =
          new Matmul.Geometry(
              shape.transA(),
              shape.transB(),
              Math.min(cut.rows(), shape.m() - i),
              Math.min(cut.cols(), shape.n() - j),
              shape.k(),
              shape.lda(),
              shape.ldb(),
              shape.ldc(),
              accumulate,
              bias != null,
              result);
      long atA = product * shape.strideA() + (shape.transA() ? i : i * shape.lda());
      long atB = product * shape.strideB() + (shape.transB() ? j * shape.ldb() : j);
      long atC = product * shape.strideC() + i * shape.ldc() + j;
      calls[tile] =
          new Call(
              matmuls.apply(geometry),
              a.asSlice(atA * DType.BFLOAT16.bytes()),
              b.asSlice(atB * DType.BFLOAT16.bytes()),
              c.asSlice(atC * result.bytes()),
              bias == null ? null : bias.asSlice((long) j * Float.BYTES));
    }
  }

  /** How many tiles there are. */
  int tiles() {
    return calls.length;
  }

  @Override
  public void run(int tile, int worker) {
    Call call = calls[tile];
    MemorySegment scratch = team.scratch(worker, Math.max(1, call.matmul.scratchBytes()));
    call.matmul.run(call.a, call.b, call.c, scratch, call.bias);
  }
}
