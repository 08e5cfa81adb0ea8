package birkhoff.tests.gradcheck;

import birkhoff.engine.kernel.BinaryOp;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.rng.DropoutMask;
import java.util.Arrays;

/** The definitions, written for reading: loops, double, no cleverness. */
final class Formulas {
  private Formulas() {}

  static double unary(UnaryOp op, double x) {
    return switch (op) {
      case NEG -> -x;
      case ABS -> x < 0 ? -x : x;
      case SQUARE -> x * x;
      case SQRT -> Math.pow(x, 0.5);
      case RECIPROCAL -> 1 / x;
      case EXP -> Math.pow(Math.E, x);
      case LOG -> Math.log10(x) / Math.log10(Math.E);
      case TANH -> (Math.exp(x) - Math.exp(-x)) / (Math.exp(x) + Math.exp(-x));
      case SIGMOID -> Math.exp(x) / (1 + Math.exp(x));
      case RELU -> x > 0 ? x : 0;
      case ERF -> erf(x);
      case GELU_ERF -> x * 0.5 * (1 + erf(x / Math.sqrt(2)));
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    };
  }

  /** The defining integral by Simpson's rule. */
  private static double erf(double x) {
    int n = 2000;
    double h = x / n;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * Math.exp(-(i * h) * (i * h));
    }
    return 2 / Math.sqrt(Math.PI) * sum * h / 3;
  }

  static double binary(BinaryOp op, double a, double b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> a > b ? a : b;
      case MIN -> a < b ? a : b;
    };
  }

  static Values binary(BinaryOp op, Values a, Values b) {
    return Values.build(
        Values.broadcast(a.shape(), b.shape()), i -> binary(op, a.cast(i), b.cast(i)));
  }

  static Values sum(Values x, boolean[] reduced) {
    int[] kept = new int[x.rank()];
    int n = 0;
    for (int a = 0; a < x.rank(); a++) {
      if (!reduced[a]) {
        kept[n++] = x.size(a);
      }
    }
    int[] shape = Arrays.copyOf(kept, n);
    double[] out = new double[Values.count(shape)];
    for (int i = 0; i < x.data().length; i++) {
      int[] index = x.index(i);
      int p = 0;
      for (int a = 0; a < x.rank(); a++) {
        p = reduced[a] ? p : p * x.size(a) + index[a];
      }
      out[p] += x.data()[i];
    }
    return new Values(out, shape);
  }

  static Values matmul(Values a, Values b) {
    int[] leadA = Arrays.copyOf(a.shape(), a.rank() - 2);
    int[] leadB = Arrays.copyOf(b.shape(), b.rank() - 2);
    int[] lead = Values.broadcast(leadA, leadB);
    int[] shape = Arrays.copyOf(lead, lead.length + 2);
    shape[lead.length] = a.size(-2);
    shape[lead.length + 1] = b.size(-1);
    return Values.build(
        shape,
        i -> {
          double sum = 0;
          int[] ia = i.clone();
          int[] ib = i.clone();
          for (int k = 0; k < a.size(-1); k++) {
            ia[i.length - 1] = k;
            ib[i.length - 2] = k;
            sum += matrixElement(a, ia) * matrixElement(b, ib);
          }
          return sum;
        });
  }

  /** Broadcast in the leading dimensions only. */
  private static double matrixElement(Values m, int[] index) {
    int[] own = Arrays.copyOfRange(index, index.length - m.rank(), index.length);
    for (int a = 0; a < own.length - 2; a++) {
      own[a] = m.size(a) == 1 ? 0 : own[a];
    }
    return m.at(own);
  }

  static Values linear(Values x, Values w, Values bias) {
    int[] shape = x.shape().clone();
    shape[shape.length - 1] = w.size(0);
    return Values.build(
        shape,
        i -> {
          int[] ix = i.clone();
          int out = i[i.length - 1];
          double sum = bias == null ? 0 : bias.at(out);
          for (int k = 0; k < w.size(1); k++) {
            ix[i.length - 1] = k;
            sum += x.at(ix) * w.at(out, k);
          }
          return sum;
        });
  }

  static Values layerNorm(Values x, Values gamma, Values beta, double eps) {
    return x.rows(row -> {
      double mean = Arrays.stream(row).average().orElse(0);
      double var = Arrays.stream(row).map(v -> (v - mean) * (v - mean)).average().orElse(0);
      return affine(row, mean, 1 / Math.sqrt(var + eps), gamma, beta);
    });
  }

  static Values rmsNorm(Values x, Values gamma, double eps) {
    return x.rows(row -> {
      double square = Arrays.stream(row).map(v -> v * v).average().orElse(0);
      return affine(row, 0, 1 / Math.sqrt(square + eps), gamma, null);
    });
  }

  private static double[] affine(
      double[] row, double mean, double factor, Values gamma, Values beta) {
    double[] out = new double[row.length];
    for (int c = 0; c < row.length; c++) {
      double g = gamma == null ? 1 : gamma.at(c);
      out[c] = (row[c] - mean) * factor * g + (beta == null ? 0 : beta.at(c));
    }
    return out;
  }

  static double[] softmax(double[] row) {
    double sum = Arrays.stream(row).map(Math::exp).sum();
    return Arrays.stream(row).map(v -> Math.exp(v) / sum).toArray();
  }

  static Values crossEntropy(Values logits, Values targets) {
    double loss = 0;
    Values p = logits.rows(Formulas::softmax);
    for (int r = 0; r < logits.size(0); r++) {
      loss -= Math.log(p.at(r, (int) targets.at(r)));
    }
    return new Values(new double[] {loss / logits.size(0)}, new int[0]);
  }

  static Values dropout(Values x, double p, long key) {
    double[] out = new double[x.data().length];
    for (int i = 0; i < out.length; i++) {
      out[i] = kept(key, p, i) ? x.data()[i] / (1 - p) : 0;
    }
    return new Values(out, x.shape());
  }

  private static boolean kept(long key, double p, long element) {
    return DropoutMask.kept(key, DropoutMask.threshold(p), element, new int[4]);
  }

  static Values attention(Values qkv, int heads, double p, long key) {
    int time = qkv.size(1);
    int c = qkv.size(2) / 3;
    int hd = c / heads;
    // The mask's rows are whole groups of elements.
    long row = (time + 63) / 64 * 64L;
    return Values.build(
        new int[] {qkv.size(0), time, c},
        at -> {
          int b = at[0];
          int i = at[1];
          int h = at[2] / hd;
          double[] scores = new double[i + 1];
          for (int j = 0; j <= i; j++) {
            for (int e = 0; e < hd; e++) {
              scores[j] += qkv.at(b, i, h * hd + e) * qkv.at(b, j, c + h * hd + e);
            }
            scores[j] /= Math.sqrt(hd);
          }
          double[] weights = softmax(scores);
          double out = 0;
          for (int j = 0; j <= i; j++) {
            long element = (((long) b * heads + h) * time + j) * row + i;
            double w = p == 0 ? weights[j] : kept(key, p, element) ? weights[j] / (1 - p) : 0;
            out += w * qkv.at(b, j, 2 * c + at[2]);
          }
          return out;
        });
  }
}
