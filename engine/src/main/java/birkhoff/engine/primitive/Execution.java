package birkhoff.engine.primitive;

import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.parallel.RangeTask;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;

/**
 * What operations run with: threads, kernels and the workspace that results are placed in. Owned by
 * the thread that runs the step.
 *
 * @param observer told of every operation, null for none
 */
public record Execution(
    ThreadTeam team, KernelTable kernels, Workspace workspace, OpObserver observer) {
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
    if (observer == null) {
      half.run();
      return;
    }
    long start = System.nanoTime();
    half.run();
    observer.done(primitive, operands, backward, System.nanoTime() - start);
  }

  public void parallel(Partition partition, RangeTask task) {
    team.run(partition, task);
  }
}
