package birkhoff.tests.golden;

/**
 * Causal multi-head attention on fused rows. qkv is [B, T, 3C]: queries, keys, values one after the
 * other, each cut in contiguous heads of C/heads features; scores are scaled by 1/√(C/heads).
 */
public final class GoldenAttention {
  private GoldenAttention() {}

  /** Softmax weights [B, heads, T, T]; entries right of the diagonal stay 0. */
  public static double[] weights(double[] qkv, int batch, int time, int heads, int c) {
    int hd = c / heads;
    double scale = 1 / Math.sqrt(hd);
    var weights = new double[batch * heads * time * time];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < time; t++) {
          int row = ((b * heads + h) * time + t) * time;
          double max = Double.NEGATIVE_INFINITY;
          for (int u = 0; u <= t; u++) {
            double score = 0;
            for (int k = 0; k < hd; k++) {
              score +=
                  qkv[(b * time + t) * 3 * c + h * hd + k]
                      * qkv[(b * time + u) * 3 * c + c + h * hd + k];
            }
            weights[row + u] = score * scale;
            max = Math.max(max, score * scale);
          }
          double sum = 0;
          for (int u = 0; u <= t; u++) {
            weights[row + u] = Math.exp(weights[row + u] - max);
            sum += weights[row + u];
          }
          for (int u = 0; u <= t; u++) {
            weights[row + u] /= sum;
          }
        }
      }
    }
    return weights;
  }

  /** Output [B, T, C]: per head the weighted mean of the values. */
  public static double[] forward(double[] qkv, int batch, int time, int heads, int c) {
    int hd = c / heads;
    double[] weights = weights(qkv, batch, time, heads, c);
    var out = new double[batch * time * c];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < time; t++) {
          for (int u = 0; u <= t; u++) {
            double weight = weights[((b * heads + h) * time + t) * time + u];
            for (int k = 0; k < hd; k++) {
              out[(b * time + t) * c + h * hd + k] +=
                  weight * qkv[(b * time + u) * 3 * c + 2 * c + h * hd + k];
            }
          }
        }
      }
    }
    return out;
  }

  /** dqkv [B, T, 3C] from dout [B, T, C]; the weights are computed again. */
  public static double[] backward(
      double[] dout, double[] qkv, int batch, int time, int heads, int c) {
    int hd = c / heads;
    double scale = 1 / Math.sqrt(hd);
    double[] weights = weights(qkv, batch, time, heads, c);
    var dqkv = new double[qkv.length];
    var dWeight = new double[time];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < time; t++) {
          int row = ((b * heads + h) * time + t) * time;
          double dot = 0;
          for (int u = 0; u <= t; u++) {
            dWeight[u] = 0;
            for (int k = 0; k < hd; k++) {
              int value = (b * time + u) * 3 * c + 2 * c + h * hd + k;
              double d = dout[(b * time + t) * c + h * hd + k];
              dWeight[u] += d * qkv[value];
              dqkv[value] += d * weights[row + u];
            }
            dot += dWeight[u] * weights[row + u];
          }
          for (int u = 0; u <= t; u++) {
            double dScore = weights[row + u] * (dWeight[u] - dot) * scale;
            for (int k = 0; k < hd; k++) {
              int query = (b * time + t) * 3 * c + h * hd + k;
              int key = (b * time + u) * 3 * c + c + h * hd + k;
              dqkv[query] += dScore * qkv[key];
              dqkv[key] += dScore * qkv[query];
            }
          }
        }
      }
    }
    return dqkv;
  }
}
