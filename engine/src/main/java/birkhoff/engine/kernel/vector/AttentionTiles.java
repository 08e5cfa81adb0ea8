package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.BYTES;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.MANY_REGISTERS;

import java.lang.foreign.MemorySegment;

/**
 * Register-blocked products of small matrices that all lie in one scratch segment, cut in panels of
 * {@value #PANEL} columns. Every row of every panel is {@link #ROW} bytes long: with strides that
 * the compiler knows, bounds checks leave the loops. Offsets are in bytes.
 */
final class AttentionTiles {
  /** Columns of a panel; queries of a strip. */
  static final int PANEL = 64;

  /** Bytes from one row of a panel to the next. */
  static final long ROW = PANEL * 4L;

  /** Rows of a register block. */
  static final int ROWS = 4;

  /** Columns of the narrowest register block. */
  static final int COLUMNS = 2 * LENGTH;

  /** Bytes that a panel of {@value #PANEL} rows takes; the most that one slice spans. */
  static final long PANEL_BYTES = PANEL * ROW;

  private AttentionTiles() {}

  /** {@code n} rounded up to whole rows of register blocks. */
  static int rows(int n) {
    return (n + ROWS - 1) & -ROWS;
  }

  /** {@code n} rounded up to whole columns of register blocks, at most a panel. */
  static int columns(int n) {
    return Math.min(PANEL, (n + COLUMNS - 1) & -COLUMNS);
  }

  /**
   * {@code C = A·B}, or {@code C += A·B}, for {@value #ROWS} rows and the columns {@code [from,
   * to)}: A has its terms, of which there is one at least, along the row, going on in the next
   * panel {@code aPanel} bytes further; B has a row per term.
   */
  static void product(
      MemorySegment s,
      long a,
      long aPanel,
      long b,
      long c,
      int terms,
      int from,
      int to,
      boolean add) {
    int at = from * Float.BYTES;
    for (int left = (to - from) / LENGTH, w; left > 0; left -= w, at += w * BYTES) {
      w = width(left);
      long ap = a;
      long bp = b + at;
      for (int first = 0; first < terms; first += PANEL) {
        int count = Math.min(PANEL, terms - first);
        if (w == 4) {
          AttentionRows.product4x4(s, ap, bp, c + at, count, add || first > 0);
        } else {
          AttentionRows.product4x2(s, ap, bp, c + at, count, add || first > 0);
        }
        ap += aPanel;
        bp += PANEL_BYTES;
      }
    }
  }

  /**
   * {@code C = Aᵀ·B} for {@value #ROWS} rows and the columns {@code [0, to)}: A and B have a row
   * per term, at least one.
   */
  static void transposedProduct(MemorySegment s, long a, long b, long c, int terms, int to) {
    int at = 0;
    for (int left = to / LENGTH, w; left > 0; left -= w, at += w * BYTES) {
      w = width(left);
      for (int first = 0; first < terms; first += PANEL) {
        int count = Math.min(PANEL, terms - first);
        long panel = first * ROW;
        if (w == 4) {
          AttentionColumns.product4x4(s, a + panel, b + at + panel, c + at, count, first > 0);
        } else {
          AttentionColumns.product4x2(s, a + panel, b + at + panel, c + at, count, first > 0);
        }
      }
    }
  }

  /** Vectors of columns of the next register block. */
  private static int width(int left) {
    return MANY_REGISTERS && left >= 4 ? 4 : 2;
  }
}
