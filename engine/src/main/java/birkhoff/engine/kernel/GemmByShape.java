package birkhoff.engine.kernel;

import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Gives every product to the provider that claims the highest priority for its shape. */
final class GemmByShape implements Gemm {
  /** A provider with its kernel. */
  record Candidate(KernelProvider provider, Gemm kernel) {}

  private final List<Candidate> candidates;
  private final DType dtype;

  /**
   * @param candidates by ordinary priority, best first
   */
  GemmByShape(List<Candidate> candidates, DType dtype) {
    this.candidates = List.copyOf(candidates);
    this.dtype = dtype;
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
    gemm(team, shape, alpha, a, b, beta, c, null);
  }

  @Override
  public void gemm(
      ThreadTeam team,
      GemmShape shape,
      double alpha,
      MemorySegment a,
      MemorySegment b,
      double beta,
      MemorySegment c,
      Epilogue epilogue) {
    best(shape).kernel.gemm(team, shape, alpha, a, b, beta, c, epilogue);
  }

  /** The name of the provider that multiplies this shape. */
  String provider(GemmShape shape) {
    return best(shape).provider.name();
  }

  private Candidate best(GemmShape shape) {
    Candidate best = candidates.getFirst();
    int highest = best.provider.priority(shape, dtype);
    for (int i = 1; i < candidates.size(); i++) {
      int priority = candidates.get(i).provider.priority(shape, dtype);
      if (priority > highest) {
        highest = priority;
        best = candidates.get(i);
      }
    }
    return best;
  }
}
