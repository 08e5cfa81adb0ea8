package birkhoff.engine.memory;

import java.util.Arrays;

/**
 * The free parts of one piece of memory: sorted, apart from one another, neighbours merged. Places
 * and sizes are in bytes.
 */
final class Extents {
  private long[] from = new long[8];
  private long[] size = new long[8];
  // When an extent last grew: of two that fit equally well the later one is more likely cached.
  private long[] stamp = new long[8];
  private int count;

  /** All of {@code bytes} is free. */
  void reset(long bytes) {
    from[0] = 0;
    size[0] = bytes;
    stamp[0] = 0;
    count = bytes == 0 ? 0 : 1;
  }

  /** The tightest extent that holds {@code bytes}, of several the one freed last; -1 for none. */
  int find(long bytes) {
    int best = -1;
    for (int i = 0; i < count; i++) {
      boolean better =
          best < 0 || size[i] < size[best] || (size[i] == size[best] && stamp[i] > stamp[best]);
      if (size[i] >= bytes && better) {
        best = i;
      }
    }
    return best;
  }

  long size(int extent) {
    return size[extent];
  }

  long stamp(int extent) {
    return stamp[extent];
  }

  /** Takes {@code bytes} from the beginning of an extent and returns their place. */
  long take(int extent, long bytes) {
    long place = from[extent];
    from[extent] += bytes;
    size[extent] -= bytes;
    if (size[extent] == 0) {
      remove(extent);
    }
    return place;
  }

  /** Gives back what was taken. */
  void give(long place, long bytes, long now) {
    int i = 0;
    while (i < count && from[i] < place) {
      i++;
    }
    boolean before = i > 0 && from[i - 1] + size[i - 1] == place;
    boolean after = i < count && place + bytes == from[i];
    if (before) {
      size[--i] += bytes + (after ? size[i + 1] : 0);
      if (after) {
        remove(i + 1);
      }
    } else if (after) {
      from[i] = place;
      size[i] += bytes;
    } else {
      insert(i, place, bytes);
    }
    stamp[i] = now;
  }

  private void insert(int i, long place, long bytes) {
    if (count == from.length) {
      from = Arrays.copyOf(from, 2 * count);
      size = Arrays.copyOf(size, 2 * count);
      stamp = Arrays.copyOf(stamp, 2 * count);
    }
    System.arraycopy(from, i, from, i + 1, count - i);
    System.arraycopy(size, i, size, i + 1, count - i);
    System.arraycopy(stamp, i, stamp, i + 1, count - i);
    from[i] = place;
    size[i] = bytes;
    count++;
  }

  private void remove(int i) {
    System.arraycopy(from, i + 1, from, i, count - i - 1);
    System.arraycopy(size, i + 1, size, i, count - i - 1);
    System.arraycopy(stamp, i + 1, stamp, i, count - i - 1);
    count--;
  }
}
