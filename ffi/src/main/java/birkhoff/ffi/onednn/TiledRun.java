package birkhoff.ffi.onednn;

import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Operands of one checked product; computes tiles of its result. */
record TiledRun(
    OneDnnGemm gemm,
    GemmShape shape,
    MatmulTiles cut,
    MemorySegment a,
    MemorySegment b,
    MemorySegment bias,
    boolean accumulate,
    DType result,
    MemorySegment c) {
  void tile(ThreadTeam team, int tile, int worker) {
    long product = tile / cut.across() / cut.down();
    int i = tile / cut.across() % cut.down() * cut.rows();
    int j = tile % cut.across() * cut.cols();
    Matmul matmul =
        gemm.matmul(
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
                result));
    long atA = product * shape.strideA() + (shape.transA() ? i : i * shape.lda());
    long atB = product * shape.strideB() + (shape.transB() ? j * shape.ldb() : j);
    long atC = product * shape.strideC() + i * shape.ldc() + j;
    matmul.run(
        a.asSlice(atA * DType.BFLOAT16.bytes()),
        b.asSlice(atB * DType.BFLOAT16.bytes()),
        c.asSlice(atC * result.bytes()),
        team.scratch(worker, Math.max(1, matmul.scratchBytes())),
        bias == null ? null : bias.asSlice((long) j * Float.BYTES));
  }
}
