package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.AttentionTiles.PANEL;
import static birkhoff.engine.kernel.vector.AttentionTiles.ROW;

import birkhoff.engine.kernel.Attention.AttentionShape;

/**
 * Where everything lies in the scratch memory of {@link VectorAttention}, in bytes from its start.
 * Matrices are panels of {@link AttentionTiles}: "wide" ones have a row per token, the others a row
 * per query of one strip. Plain functions, so that a call allocates nothing.
 */
final class AttentionScratch {
  /** Inverse denominators of a strip's queries. */
  static final long INVERSE = 0;

  /** Logarithms of the denominators of a strip's queries. */
  static final long LOG_SUM = ROW;

  /** The strip's queries, transposed: a row per feature. */
  static final long QUERIES_T = 2 * ROW;

  private AttentionScratch() {}

  /** Panels that the features of a head fill. */
  private static long panels(AttentionShape shape) {
    return (shape.headSize() + PANEL - 1L) / PANEL;
  }

  /** Bytes from one panel of a wide matrix to the next. */
  static long widePanel(AttentionShape shape) {
    return AttentionTiles.rows(shape.time()) * ROW;
  }

  /** Bytes from one panel of a strip's matrix to the next. */
  static long panel() {
    return PANEL * ROW;
  }

  private static long transposed(AttentionShape shape) {
    return ((shape.headSize() + Lanes.LENGTH - 1L) & -Lanes.LENGTH) * ROW;
  }

  private static long narrow(AttentionShape shape) {
    return panels(shape) * panel();
  }

  private static long wide(AttentionShape shape) {
    return panels(shape) * widePanel(shape);
  }

  /** The gradients of the strip's outputs, transposed. */
  static long goutT(AttentionShape shape) {
    return QUERIES_T + transposed(shape);
  }

  /** The strip's queries. */
  static long queries(AttentionShape shape) {
    return goutT(shape) + transposed(shape);
  }

  /** The gradients of the strip's outputs. */
  static long gout(AttentionShape shape) {
    return queries(shape) + narrow(shape);
  }

  /** The strip's outputs, or the gradients of its queries. */
  static long result(AttentionShape shape) {
    return gout(shape) + narrow(shape);
  }

  /** All keys. */
  static long keys(AttentionShape shape) {
    return result(shape) + narrow(shape);
  }

  /** All values. */
  static long values(AttentionShape shape) {
    return keys(shape) + wide(shape);
  }

  /** Gradients of all keys. */
  static long gkeys(AttentionShape shape) {
    return values(shape) + wide(shape);
  }

  /** Gradients of all values. */
  static long gvalues(AttentionShape shape) {
    return gkeys(shape) + wide(shape);
  }

  /** Scores or weights, a row per key and a column per query of the strip. */
  static long strip(AttentionShape shape) {
    return gvalues(shape) + wide(shape);
  }

  /** Gradients of the weights or of the scores. */
  static long gstrip(AttentionShape shape) {
    return strip(shape) + widePanel(shape);
  }

  /** Which weights of the strip dropout keeps. */
  static long kept(AttentionShape shape) {
    return gstrip(shape) + widePanel(shape);
  }

  static long bytes(AttentionShape shape) {
    // Slices of constant length reach beyond the last panel.
    return kept(shape) + 8L * shape.time() + AttentionTiles.PANEL_BYTES;
  }
}
