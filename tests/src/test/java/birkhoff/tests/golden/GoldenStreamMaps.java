package birkhoff.tests.golden;

import java.util.Map;

/**
 * One sublayer of dynamic hyper-connections (arXiv 2409.19606) on streams X [rows, d, C]. With N
 * the RMS-normalised streams, A[j,m] = tanh(N_j · α_m) g₀ + a[j,m] for m = 0 … d and B[j] =
 * tanh(N_j · β) g₁ + b[j], the branch reads u = Σⱼ A[j,0] Xⱼ, and the result is Σⱼ A[j,i+1] Xⱼ +
 * B[i] · branch(u).
 */
final class GoldenStreamMaps implements GoldenMixing {
  private final Map<String, double[]> params;
  private final String name;
  private final GoldenStage branch;
  private final int rows;
  private final int d;
  private final int c;

  private double[] x;
  private double[] normal;

  /** tanh of the products: [rows, d, d + 2], the last one of β. */
  private double[] squashed;

  private double[] branchOut;

  GoldenStreamMaps(
      int streams,
      int width,
      Map<String, double[]> params,
      String name,
      GoldenStage branch,
      int rows) {
    this.params = params;
    this.name = name;
    this.branch = branch;
    this.rows = rows;
    this.d = streams;
    this.c = width;
  }

  private double alpha(int r, int j, int m) {
    return squashed[(r * d + j) * (d + 2) + m] * params.get(name + ".gate")[0]
        + params.get(name + ".alpha.bias")[j * (d + 1) + m];
  }

  private double beta(int r, int j) {
    return squashed[(r * d + j) * (d + 2) + d + 1] * params.get(name + ".gate")[1]
        + params.get(name + ".beta.bias")[j];
  }

  @Override
  public double[] mixers() {
    var h = new double[rows * d * d];
    for (int k = 0; k < h.length; k++) {
      h[k] = alpha(k / d / d, k % d, k / d % d + 1);
    }
    return h;
  }

  @Override
  public double[] forward(double[] streams) {
    x = streams;
    normal = new double[x.length];
    squashed = new double[rows * d * (d + 2)];
    for (int s = 0; s < rows * d; s++) {
      double scale = inverseRms(s);
      for (int k = 0; k < c; k++) {
        normal[s * c + k] = x[s * c + k] * scale;
      }
      for (int m = 0; m < d + 2; m++) {
        double dot = 0;
        for (int k = 0; k < c; k++) {
          dot += normal[s * c + k] * weight(m, k);
        }
        squashed[s * (d + 2) + m] = Math.tanh(dot);
      }
    }
    var u = new double[rows * c];
    for (int k = 0; k < u.length; k++) {
      for (int j = 0; j < d; j++) {
        u[k] += alpha(k / c, j, 0) * at(k / c, j, k % c);
      }
    }
    branchOut = branch.forward(u);
    var y = new double[x.length];
    for (int k = 0; k < y.length; k++) {
      int r = k / c / d;
      int i = k / c % d;
      y[k] = beta(r, i) * branchOut[r * c + k % c];
      for (int j = 0; j < d; j++) {
        y[k] += alpha(r, j, i + 1) * at(r, j, k % c);
      }
    }
    return y;
  }

  private double at(int r, int j, int k) {
    return x[(r * d + j) * c + k];
  }

  private double weight(int m, int k) {
    return m <= d
        ? params.get(name + ".alpha.weight")[m * c + k]
        : params.get(name + ".beta.weight")[k];
  }

  @Override
  public double[] backward(double[] dy, Map<String, double[]> gradients) {
    var dx = new double[x.length];
    // Of A and B, in the order of the products.
    var maps = new double[squashed.length];
    var dBranch = new double[rows * c];
    for (int k = 0; k < dy.length; k++) {
      int r = k / c / d;
      int i = k / c % d;
      dBranch[r * c + k % c] += dy[k] * beta(r, i);
      maps[(r * d + i) * (d + 2) + d + 1] += dy[k] * branchOut[r * c + k % c];
      for (int j = 0; j < d; j++) {
        dx[(r * d + j) * c + k % c] += dy[k] * alpha(r, j, i + 1);
        maps[(r * d + j) * (d + 2) + i + 1] += dy[k] * at(r, j, k % c);
      }
    }
    double[] du = branch.backward(dBranch, gradients);
    for (int k = 0; k < du.length; k++) {
      for (int j = 0; j < d; j++) {
        dx[(k / c * d + j) * c + k % c] += du[k] * alpha(k / c, j, 0);
        maps[(k / c * d + j) * (d + 2)] += du[k] * at(k / c, j, k % c);
      }
    }
    addMapGradients(maps, dx, gradients);
    return dx;
  }

  private void addMapGradients(double[] maps, double[] dx, Map<String, double[]> gradients) {
    double[] gate = params.get(name + ".gate");
    for (int s = 0; s < rows * d; s++) {
      var dNormal = new double[c];
      for (int m = 0; m < d + 2; m++) {
        boolean ofBeta = m == d + 1;
        double g = maps[s * (d + 2) + m];
        double t = squashed[s * (d + 2) + m];
        double dDot = g * gate[ofBeta ? 1 : 0] * (1 - t * t);
        gradients.get(name + ".gate")[ofBeta ? 1 : 0] += g * t;
        if (ofBeta) {
          gradients.get(name + ".beta.bias")[s % d] += g;
        } else {
          gradients.get(name + ".alpha.bias")[s % d * (d + 1) + m] += g;
        }
        double[] dWeight = gradients.get(name + (ofBeta ? ".beta.weight" : ".alpha.weight"));
        for (int k = 0; k < c; k++) {
          dWeight[(ofBeta ? 0 : m * c) + k] += dDot * normal[s * c + k];
          dNormal[k] += dDot * weight(m, k);
        }
      }
      double scale = inverseRms(s);
      double dot = 0;
      for (int k = 0; k < c; k++) {
        dot += dNormal[k] * normal[s * c + k] / c;
      }
      for (int k = 0; k < c; k++) {
        dx[s * c + k] += scale * (dNormal[k] - normal[s * c + k] * dot);
      }
    }
  }

  private double inverseRms(int stream) {
    double sum = 0;
    for (int k = 0; k < c; k++) {
      sum += x[stream * c + k] * x[stream * c + k];
    }
    return 1 / Math.sqrt(sum / c + GoldenConfig.RMS_NORM_EPS);
  }
}
