package birkhoff.engine.primitive;

import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.RangeTask;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;

/**
 * What operations run with: threads, kernels and the workspace that results are placed in. Owned by
 * the thread that runs the step.
 *
 * @param observers told of every operation
 */
public record Execution(
    ThreadTeam team, KernelTable kernels, Workspace workspace, Observers observers) {
  /** A tensor in the workspace with undefined contents. */
  public Tensor allocate(TensorSpec spec) {
    Workspace.Block block = workspace.allocate(spec.bytes());
    return Tensor.of(block.memory(), block, spec);
  }

  /** Gives a tensor of the workspace back before the reset; others are left alone. */
  public static void release(Tensor t) {
    if (t.lifetime() instanceof Workspace.Block block) {
      block.release();
    }
  }

  /** Runs one half of an operation, timed when somebody observes. */
  public void observed(Primitive primitive, Operands operands, boolean backward, Runnable half) {
    observers.run(primitive, operands, backward, half);
  }

  /**
   * Runs {@code task} over all ranges. Memory is asked for before ({@link Tensor#data}), not in the
   * task: a recorded step runs the task again when the tensors' handles are stale.
   */
  public void parallel(Partition partition, RangeTask task) {
    team.run(partition, task);
  }

  /**
   * Runs {@code job} on the calling thread. Whatever reads or writes a tensor's memory goes through
   * here or {@link #parallel}, so that a recorded step misses nothing of it.
   */
  public void serial(Runnable job) {
    team.run(1, (block, worker) -> job.run());
  }

  /** {@code value} for every element of a contiguous tensor; only 0 if it is bfloat16. */
  public void fill(Tensor t, double value) {
    if (t.dtype() == DType.BFLOAT16 && value == 0) {
      var zeros = t.data();
      serial(() -> zeros.fill((byte) 0));
      return;
    }
    var k = kernels.elementwise(t.dtype());
    var memory = t.data();
    parallel(Partition.elements(t.count()), (lo, hi, w) -> k.fill(value, memory, lo, hi));
  }

  /** {@code to = from + beta·to}, element by element, for contiguous tensors of one shape. */
  public void add(Tensor from, double beta, Tensor to) {
    var source = from.data();
    var target = to.data();
    if (to.dtype() == DType.BFLOAT16 && (beta == 0 || beta == 1)) {
      addMixed(source, beta, target, to.count());
      return;
    }
    var k = kernels.elementwise(to.dtype());
    parallel(
        Partition.elements(to.count()), (lo, hi, w) -> k.axpby(1, source, beta, target, lo, hi));
  }

  private void addMixed(MemorySegment source, double beta, MemorySegment target, long count) {
    var k = kernels.bfloat16(DType.FLOAT32);
    int bytes = DType.BFLOAT16.bytes();
    parallel(
        Partition.elements(count),
        (lo, hi, w) -> {
          if (beta == 0) {
            MemorySegment.copy(source, lo * bytes, target, lo * bytes, (hi - lo) * bytes);
          } else {
            k.add(source, target, lo, hi);
          }
        });
  }

  /** {@code to}, bfloat16, rounded from contiguous float32 {@code from} of the same shape. */
  public void narrow(Tensor from, Tensor to) {
    var k = kernels.bfloat16(DType.FLOAT32);
    var source = from.data();
    var target = to.data();
    parallel(
        Partition.elements(to.count()), (lo, hi, w) -> k.narrow(source, lo, target, lo, hi - lo));
  }
}
