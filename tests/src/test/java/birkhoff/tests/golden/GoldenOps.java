package birkhoff.tests.golden;

/**
 * Linear, layer norm, token embedding and cross-entropy as plain loops over row-major arrays.
 * Backward methods add into the parameter gradients they are given and return the input's gradient.
 */
public final class GoldenOps {
  private GoldenOps() {}

  /** y[n,out] = x[n,in] · w[out,in]ᵀ + b[out]; {@code b} may be null. */
  public static double[] linear(double[] x, double[] w, double[] b, int n, int in, int out) {
    var y = new double[n * out];
    for (int r = 0; r < n; r++) {
      for (int o = 0; o < out; o++) {
        double sum = b == null ? 0 : b[o];
        for (int i = 0; i < in; i++) {
          sum += x[r * in + i] * w[o * in + i];
        }
        y[r * out + o] = sum;
      }
    }
    return y;
  }

  /** Adds to {@code dw} and {@code db} (null without bias); returns dx[n,in]. */
  public static double[] linearBackward(
      double[] dy, double[] x, double[] w, double[] dw, double[] db, int n, int in, int out) {
    var dx = new double[n * in];
    for (int r = 0; r < n; r++) {
      for (int o = 0; o < out; o++) {
        double g = dy[r * out + o];
        if (db != null) {
          db[o] += g;
        }
        for (int i = 0; i < in; i++) {
          dw[o * in + i] += g * x[r * in + i];
          dx[r * in + i] += g * w[o * in + i];
        }
      }
    }
    return dx;
  }

  /** Layer norm over rows of width c with the biased variance; {@code b} may be null. */
  public static double[] layerNorm(
      double[] x, double[] w, double[] b, int n, int c, double epsilon) {
    var y = new double[n * c];
    for (int r = 0; r < n; r++) {
      double mean = mean(x, r, c);
      double scale = inverseDeviation(x, r, c, mean, epsilon);
      for (int k = 0; k < c; k++) {
        double normal = (x[r * c + k] - mean) * scale;
        y[r * c + k] = normal * w[k] + (b == null ? 0 : b[k]);
      }
    }
    return y;
  }

  /** Adds to {@code dw} and {@code db} (null without bias); returns dx[n,c]. */
  public static double[] layerNormBackward(
      double[] dy, double[] x, double[] w, double[] dw, double[] db, int n, int c, double epsilon) {
    var dx = new double[n * c];
    for (int r = 0; r < n; r++) {
      double mean = mean(x, r, c);
      double scale = inverseDeviation(x, r, c, mean, epsilon);
      double meanOfD = 0;
      double meanOfDTimesNormal = 0;
      for (int k = 0; k < c; k++) {
        double normal = (x[r * c + k] - mean) * scale;
        double d = dy[r * c + k] * w[k];
        meanOfD += d / c;
        meanOfDTimesNormal += d * normal / c;
        dw[k] += dy[r * c + k] * normal;
        if (db != null) {
          db[k] += dy[r * c + k];
        }
      }
      for (int k = 0; k < c; k++) {
        double normal = (x[r * c + k] - mean) * scale;
        dx[r * c + k] = scale * (dy[r * c + k] * w[k] - meanOfD - normal * meanOfDTimesNormal);
      }
    }
    return dx;
  }

  private static double mean(double[] x, int row, int c) {
    double sum = 0;
    for (int k = 0; k < c; k++) {
      sum += x[row * c + k];
    }
    return sum / c;
  }

  private static double inverseDeviation(double[] x, int row, int c, double mean, double epsilon) {
    double sum = 0;
    for (int k = 0; k < c; k++) {
      double centred = x[row * c + k] - mean;
      sum += centred * centred;
    }
    return 1 / Math.sqrt(sum / c + epsilon);
  }

  /** x[b,t,:] = token row + position row, for {@code batch} sequences of {@code time} tokens. */
  public static double[] embed(
      int[] tokens, double[] tokenTable, double[] positionTable, int batch, int time, int c) {
    var x = new double[batch * time * c];
    for (int r = 0; r < batch * time; r++) {
      for (int k = 0; k < c; k++) {
        x[r * c + k] = tokenTable[tokens[r] * c + k] + positionTable[(r % time) * c + k];
      }
    }
    return x;
  }

  /** Adds the rows of dx to both tables' gradients. */
  public static void embedBackward(
      double[] dx, int[] tokens, double[] dToken, double[] dPosition, int batch, int time, int c) {
    for (int r = 0; r < batch * time; r++) {
      for (int k = 0; k < c; k++) {
        dToken[tokens[r] * c + k] += dx[r * c + k];
        dPosition[(r % time) * c + k] += dx[r * c + k];
      }
    }
  }

  /** Mean over the rows of -log softmax(logits)[target], in nats. */
  public static double crossEntropy(double[] logits, int[] targets, int n, int v) {
    double loss = 0;
    for (int r = 0; r < n; r++) {
      loss += logSumExp(logits, r, v) - logits[r * v + targets[r]];
    }
    return loss / n;
  }

  /** d(mean cross-entropy)/d(logits) = (softmax - one-hot) / n. */
  public static double[] crossEntropyBackward(double[] logits, int[] targets, int n, int v) {
    var d = new double[n * v];
    for (int r = 0; r < n; r++) {
      double norm = logSumExp(logits, r, v);
      for (int k = 0; k < v; k++) {
        double probability = Math.exp(logits[r * v + k] - norm);
        d[r * v + k] = (probability - (k == targets[r] ? 1 : 0)) / n;
      }
    }
    return d;
  }

  private static double logSumExp(double[] x, int row, int v) {
    double max = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < v; k++) {
      max = Math.max(max, x[row * v + k]);
    }
    double sum = 0;
    for (int k = 0; k < v; k++) {
      sum += Math.exp(x[row * v + k] - max);
    }
    return max + Math.log(sum);
  }
}
