package birkhoff.tests.golden;

import java.util.Map;

/** How the oracle's sublayers are joined: its parameters and its stages. */
sealed interface GoldenResidual {
  /** d, how many copies of the embedding go through the blocks. */
  int streams();

  /** Whether the end takes the mean of the streams. */
  boolean mean();

  /** Adds the parameters of the sublayer {@code name}. */
  void shapes(Map<String, int[]> shapes, String name, int width);

  /** One sublayer around its branch. */
  GoldenStage stage(
      int width, Map<String, double[]> params, String name, GoldenStage branch, int rows);

  /** x + branch(x). */
  record Plain() implements GoldenResidual {
    @Override
    public int streams() {
      return 1;
    }

    @Override
    public boolean mean() {
      return false;
    }

    @Override
    public void shapes(Map<String, int[]> shapes, String name, int width) {}

    @Override
    public GoldenStage stage(
        int width, Map<String, double[]> params, String name, GoldenStage branch, int rows) {
      return new GoldenBranches.Plain(branch);
    }
  }

  /** Maps from all streams of a token at once: {@link GoldenHyperConnection}. */
  record Generated(GoldenMap map, boolean mean) implements GoldenResidual {
    @Override
    public int streams() {
      return map.streams();
    }

    @Override
    public void shapes(Map<String, int[]> shapes, String name, int width) {
      int rows = 2 * streams() + map.numbers();
      shapes.put(name + ".generator.weight", new int[] {rows, streams() * width});
      shapes.put(name + ".gate", new int[] {3});
      shapes.put(name + ".bias", new int[] {rows});
    }

    @Override
    public GoldenStage stage(
        int width, Map<String, double[]> params, String name, GoldenStage branch, int rows) {
      return new GoldenHyperConnection(map, width, params, name, branch, rows);
    }
  }

  /** Maps from each stream alone: {@link GoldenStreamMaps}. */
  record PerStream(int streams, boolean mean) implements GoldenResidual {
    @Override
    public void shapes(Map<String, int[]> shapes, String name, int width) {
      shapes.put(name + ".alpha.weight", new int[] {streams + 1, width});
      shapes.put(name + ".beta.weight", new int[] {1, width});
      shapes.put(name + ".gate", new int[] {2});
      shapes.put(name + ".alpha.bias", new int[] {streams, streams + 1});
      shapes.put(name + ".beta.bias", new int[] {streams});
    }

    @Override
    public GoldenStage stage(
        int width, Map<String, double[]> params, String name, GoldenStage branch, int rows) {
      return new GoldenStreamMaps(streams, width, params, name, branch, rows);
    }
  }
}
