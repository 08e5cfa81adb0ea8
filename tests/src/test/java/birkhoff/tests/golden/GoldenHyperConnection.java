package birkhoff.tests.golden;

import java.util.Arrays;
import java.util.Map;

/**
 * One sublayer whose maps are generated (arXiv 2604.02309, equations 1 to 6) on streams X [rows, d,
 * C]: the RMS-normalised token makes pre, post and H; the branch reads u = Σⱼ preⱼ Xⱼ; the result
 * is Σⱼ H[i,j] Xⱼ + postᵢ · branch(u).
 */
final class GoldenHyperConnection implements GoldenMixing {
  private final Map<String, double[]> params;
  private final String name;
  private final GoldenStage branch;
  private final int rows;
  private final GoldenMap map;
  private final int d;
  private final int c;
  private final int p;

  private double[] x;
  private double[] normal;
  private double[] raw;
  private double[] value;
  private double[] mixers;
  private double[] branchOut;

  GoldenHyperConnection(
      GoldenMap map,
      int width,
      Map<String, double[]> params,
      String name,
      GoldenStage branch,
      int rows) {
    this.params = params;
    this.name = name;
    this.branch = branch;
    this.rows = rows;
    this.map = map;
    this.d = map.streams();
    this.c = width;
    this.p = map.numbers();
  }

  @Override
  public double[] mixers() {
    return mixers;
  }

  @Override
  public double[] forward(double[] streams) {
    double[] generator = params.get(name + ".generator.weight");
    double[] gate = params.get(name + ".gate");
    double[] bias = params.get(name + ".bias");
    int m = 2 * d + p;
    x = streams;
    normal = new double[x.length];
    for (int r = 0; r < rows; r++) {
      double scale = inverseRms(r);
      for (int k = 0; k < d * c; k++) {
        normal[r * d * c + k] = x[r * d * c + k] * scale;
      }
    }
    raw = GoldenOps.linear(normal, generator, null, rows, d * c, m);
    value = new double[rows * m];
    mixers = new double[rows * d * d];
    var u = new double[rows * c];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < m; k++) {
        value[r * m + k] = gate[group(k)] * raw[r * m + k] + bias[k];
      }
      System.arraycopy(map.forward(mixerNumbers(r)), 0, mixers, r * d * d, d * d);
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < c; k++) {
          u[r * c + k] += pre(r, j) * x[(r * d + j) * c + k];
        }
      }
    }
    branchOut = branch.forward(u);
    var y = new double[x.length];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < d; i++) {
        for (int k = 0; k < c; k++) {
          double sum = post(r, i) * branchOut[r * c + k];
          for (int j = 0; j < d; j++) {
            sum += mixers[(r * d + i) * d + j] * x[(r * d + j) * c + k];
          }
          y[(r * d + i) * c + k] = sum;
        }
      }
    }
    return y;
  }

  @Override
  public double[] backward(double[] dy, Map<String, double[]> gradients) {
    double[] gate = params.get(name + ".gate");
    double[] dGate = gradients.get(name + ".gate");
    double[] dBias = gradients.get(name + ".bias");
    int m = 2 * d + p;
    var dx = new double[x.length];
    var dMixers = new double[rows * d * d];
    var dValue = new double[rows * m];
    var dBranch = new double[rows * c];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < d; i++) {
        double dPost = 0;
        for (int k = 0; k < c; k++) {
          double g = dy[(r * d + i) * c + k];
          dPost += g * branchOut[r * c + k];
          dBranch[r * c + k] += g * post(r, i);
          for (int j = 0; j < d; j++) {
            dMixers[(r * d + i) * d + j] += g * x[(r * d + j) * c + k];
            dx[(r * d + j) * c + k] += g * mixers[(r * d + i) * d + j];
          }
        }
        double sigmoid = post(r, i) / 2;
        dValue[r * m + d + i] = dPost * 2 * sigmoid * (1 - sigmoid);
      }
    }
    double[] du = branch.backward(dBranch, gradients);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < d; j++) {
        double dPre = 0;
        for (int k = 0; k < c; k++) {
          dPre += du[r * c + k] * x[(r * d + j) * c + k];
          dx[(r * d + j) * c + k] += du[r * c + k] * pre(r, j);
        }
        dValue[r * m + j] = dPre * pre(r, j) * (1 - pre(r, j));
      }
      double[] g = Arrays.copyOfRange(dMixers, r * d * d, (r + 1) * d * d);
      System.arraycopy(map.backward(g, mixerNumbers(r)), 0, dValue, r * m + 2 * d, p);
    }
    var dRaw = new double[rows * m];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < m; k++) {
        dRaw[r * m + k] = dValue[r * m + k] * gate[group(k)];
        dGate[group(k)] += dValue[r * m + k] * raw[r * m + k];
        dBias[k] += dValue[r * m + k];
      }
    }
    double[] dNormal =
        GoldenOps.linearBackward(
            dRaw,
            normal,
            params.get(name + ".generator.weight"),
            gradients.get(name + ".generator.weight"),
            null,
            rows,
            d * c,
            m);
    addRmsNormBackward(dNormal, dx);
    return dx;
  }

  private void addRmsNormBackward(double[] dNormal, double[] dx) {
    int width = d * c;
    for (int r = 0; r < rows; r++) {
      double scale = inverseRms(r);
      double dot = 0;
      for (int k = 0; k < width; k++) {
        dot += dNormal[r * width + k] * normal[r * width + k] / width;
      }
      for (int k = 0; k < width; k++) {
        dx[r * width + k] += scale * (dNormal[r * width + k] - normal[r * width + k] * dot);
      }
    }
  }

  private double inverseRms(int row) {
    double sum = 0;
    for (int k = 0; k < d * c; k++) {
      sum += x[row * d * c + k] * x[row * d * c + k];
    }
    return 1 / Math.sqrt(sum / (d * c) + GoldenConfig.RMS_NORM_EPS);
  }

  /** Which gate generator row {@code k} has: 0 pre, 1 post, 2 res. */
  private int group(int k) {
    return k < d ? 0 : k < 2 * d ? 1 : 2;
  }

  private double pre(int row, int j) {
    return sigmoid(value[row * (2 * d + p) + j]);
  }

  private double post(int row, int i) {
    return 2 * sigmoid(value[row * (2 * d + p) + d + i]);
  }

  private double[] mixerNumbers(int row) {
    int from = row * (2 * d + p) + 2 * d;
    return Arrays.copyOfRange(value, from, from + p);
  }

  private static double sigmoid(double v) {
    return 1 / (1 + Math.exp(-v));
  }
}
