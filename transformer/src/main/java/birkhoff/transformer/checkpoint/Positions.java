package birkhoff.transformer.checkpoint;

/** The table of positions, of which a model may take the first rows only. */
public final class Positions {
  private static final String NAME = "transformer.wpe.weight";

  private Positions() {}

  /** Whether a stored tensor of this name and shape begins with what a model wants. */
  public static boolean cover(String name, long[] stored, long... wanted) {
    return name.equals(NAME)
        && stored.length == 2
        && wanted.length == 2
        && stored[0] >= wanted[0]
        && stored[1] == wanted[1];
  }
}
