package birkhoff.engine.parallel;

/** Work on one block of a partition. */
@FunctionalInterface
public interface BlockTask {
  /**
   * @param block index of the block
   * @param worker index of the thread that runs it, below {@link ThreadTeam#size()}; selects
   *     scratch memory and nothing else, or results would depend on the schedule
   */
  void run(int block, int worker);
}
