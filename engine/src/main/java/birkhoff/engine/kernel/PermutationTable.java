package birkhoff.engine.kernel;

/**
 * The permutations of {@code 0 … d-1} in lexicographic order. Immutable, made once for each d.
 *
 * @see MixerShape.Permutations
 */
public final class PermutationTable {
  private static final PermutationTable[] TABLES = tables();

  private final int d;
  private final int count;

  // [k·d + i]: the place i·d + p_k(i) of the one in row i.
  private final int[] places;

  // [(i·d + j)·(d-1)! …]: the permutations with p(i) = j, ascending.
  private final int[] users;

  private PermutationTable(int d, int count) {
    this.d = d;
    this.count = count;
    this.places = new int[count * d];
    this.users = new int[d * count];
    fill(new int[d], 0, 0, 0);
    int[] used = new int[d * d];
    for (int at = 0; at < places.length; at++) {
      int place = places[at];
      users[place * perPlace() + used[place]++] = at / d;
    }
  }

  private static PermutationTable[] tables() {
    var all = new PermutationTable[MixerShape.Permutations.MOST_STREAMS + 1];
    for (int d = 1; d < all.length; d++) {
      all[d] = new PermutationTable(d, new MixerShape.Permutations(d).parameters());
    }
    return all;
  }

  /** Appends every continuation of the first {@code i} values; returns the next free number. */
  private int fill(int[] p, int i, int taken, int next) {
    if (i == d) {
      for (int r = 0; r < d; r++) {
        places[next * d + r] = r * d + p[r];
      }
      return next + 1;
    }
    int k = next;
    for (int j = 0; j < d; j++) {
      if ((taken >> j & 1) == 0) {
        p[i] = j;
        k = fill(p, i + 1, taken | 1 << j, k);
      }
    }
    return k;
  }

  /** The table of d. */
  public static PermutationTable of(MixerShape.Permutations shape) {
    return TABLES[shape.d()];
  }

  /** How many permutations have {@code p(i) = j} for a given place: (d-1)!. */
  public int perPlace() {
    return count / d;
  }

  /** The place {@code i·d + p_k(i)} of the one in row {@code i} of permutation {@code k}. */
  public int place(int k, int i) {
    return places[k * d + i];
  }

  /** Permutation {@code q} of the {@link #perPlace} that have their one at {@code place}. */
  public int user(int place, int q) {
    return users[place * perPlace() + q];
  }
}
