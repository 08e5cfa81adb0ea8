package birkhoff.transformer.diagnostics;

import birkhoff.transformer.json.Json;
import birkhoff.transformer.report.Numbers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What many d×d mixers are like, on average over tokens. Exactly doubly stochastic ones have no
 * errors and a largest singular value of 1; the second one says how much of a difference between
 * streams survives at most.
 *
 * @param rowErrorMax largest |sum of a row - 1| of any token
 * @param rowErrorMean mean of |sum of a row - 1|
 * @param columnErrorMax likewise of columns
 * @param columnErrorMean likewise
 * @param diagonal mean of the diagonal: the share that stays in its stream
 * @param sigma1 mean of the largest singular value
 * @param sigma2 mean of the second one
 * @param similarity mean cosine between two streams behind the mixer; NaN where there is none
 */
public record MixerStatistics(
    double rowErrorMax,
    double rowErrorMean,
    double columnErrorMax,
    double columnErrorMean,
    double diagonal,
    double sigma1,
    double sigma2,
    double similarity) {

  /** The larger of the largest errors. */
  public double errorMax() {
    return Math.max(rowErrorMax, columnErrorMax);
  }

  /** As JSON. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    Numbers.put(json, "row_error_max", rowErrorMax);
    Numbers.put(json, "row_error_mean", rowErrorMean);
    Numbers.put(json, "column_error_max", columnErrorMax);
    Numbers.put(json, "column_error_mean", columnErrorMean);
    Numbers.put(json, "diagonal", diagonal);
    Numbers.put(json, "sigma1", sigma1);
    Numbers.put(json, "sigma2", sigma2);
    Numbers.put(json, "similarity", similarity);
    return json;
  }

  /** What {@link #toJson} wrote; missing numbers are NaN. */
  public static MixerStatistics fromJson(JsonNode json) {
    return new MixerStatistics(
        number(json, "row_error_max"),
        number(json, "row_error_mean"),
        number(json, "column_error_max"),
        number(json, "column_error_mean"),
        number(json, "diagonal"),
        number(json, "sigma1"),
        number(json, "sigma2"),
        number(json, "similarity"));
  }

  private static double number(JsonNode json, String name) {
    return json.path(name).isNumber() ? json.path(name).asDouble() : Double.NaN;
  }

  /** Collects mixers one by one, in double. Not thread-safe. */
  public static final class Sum {
    private final int d;
    private long count;
    private double rowMax;
    private double rowSum;
    private double columnMax;
    private double columnSum;
    private double trace;
    private double sigma1;
    private double sigma2;
    private long pairs;
    private double cosines;

    /** Nothing yet, of d×d matrices; d is at least 2. */
    public Sum(int d) {
      this.d = d;
    }

    /** Adds a matrix, row-major. */
    public void add(double[] h) {
      for (int i = 0; i < d; i++) {
        double row = -1;
        double column = -1;
        for (int j = 0; j < d; j++) {
          row += h[i * d + j];
          column += h[j * d + i];
        }
        rowMax = Math.max(rowMax, Math.abs(row));
        rowSum += Math.abs(row);
        columnMax = Math.max(columnMax, Math.abs(column));
        columnSum += Math.abs(column);
        trace += h[i * d + i];
      }
      double[] values = SingularValues.of(d, h);
      sigma1 += values[0];
      sigma2 += values[1];
      count++;
    }

    /** Adds the d streams of a token, one behind the other from {@code from}. */
    public void addStreams(float[] streams, int from, int width) {
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < i; j++) {
          cosines += cosine(streams, from + i * width, from + j * width, width);
          pairs++;
        }
      }
    }

    private static double cosine(float[] x, int a, int b, int width) {
      double cross = 0;
      double aa = 0;
      double bb = 0;
      for (int k = 0; k < width; k++) {
        double u = x[a + k];
        double v = x[b + k];
        cross += u * v;
        aa += u * u;
        bb += v * v;
      }
      return aa == 0 || bb == 0 ? 0 : cross / Math.sqrt(aa * bb);
    }

    /** What was collected. */
    public MixerStatistics statistics() {
      double rows = (double) count * d;
      return new MixerStatistics(
          rowMax,
          rowSum / rows,
          columnMax,
          columnSum / rows,
          trace / rows,
          sigma1 / count,
          sigma2 / count,
          pairs == 0 ? Double.NaN : cosines / pairs);
    }
  }
}
