package birkhoff.tests.golden;

import java.util.Map;

/** The two pre-norm branches of a block: attention after ln_1, MLP after ln_2; rows are tokens. */
final class GoldenBranches {
  private GoldenBranches() {}

  /** LayerNorm -> c_attn -> causal attention -> c_proj, on [B*T, C]. */
  static final class Attention implements GoldenStage {
    private final GoldenConfig config;
    private final int batch;
    private final int time;
    private final Norm norm;
    private final Linear in;
    private final Linear out;
    private double[] qkv;

    Attention(
        GoldenConfig config, Map<String, double[]> params, String block, int batch, int time) {
      int c = config.width();
      this.config = config;
      this.batch = batch;
      this.time = time;
      this.norm = new Norm(params, block + ".ln_1", batch * time, c);
      this.in = new Linear(params, block + ".attn.c_attn", batch * time, c, 3 * c);
      this.out = new Linear(params, block + ".attn.c_proj", batch * time, c, c);
    }

    @Override
    public double[] forward(double[] x) {
      qkv = in.forward(norm.forward(x));
      return out.forward(GoldenAttention.forward(qkv, batch, time, config.heads(), config.width()));
    }

    @Override
    public double[] backward(double[] dy, Map<String, double[]> gradients) {
      double[] dAttended = out.backward(dy, gradients);
      double[] dQkv =
          GoldenAttention.backward(dAttended, qkv, batch, time, config.heads(), config.width());
      return norm.backward(in.backward(dQkv, gradients), gradients);
    }
  }

  /** LayerNorm -> c_fc -> GELU -> c_proj, on [rows, C]. */
  static final class Mlp implements GoldenStage {
    private final boolean tanhGelu;
    private final Norm norm;
    private final Linear in;
    private final Linear out;
    private double[] hidden;

    Mlp(GoldenConfig config, Map<String, double[]> params, String block, int rows) {
      int c = config.width();
      this.tanhGelu = config.tanhGelu();
      this.norm = new Norm(params, block + ".ln_2", rows, c);
      this.in = new Linear(params, block + ".mlp.c_fc", rows, c, 4 * c);
      this.out = new Linear(params, block + ".mlp.c_proj", rows, 4 * c, c);
    }

    @Override
    public double[] forward(double[] x) {
      hidden = in.forward(norm.forward(x));
      return out.forward(GoldenGelu.forward(hidden, tanhGelu));
    }

    @Override
    public double[] backward(double[] dy, Map<String, double[]> gradients) {
      double[] dActivated = out.backward(dy, gradients);
      double[] dHidden = GoldenGelu.backward(dActivated, hidden, tanhGelu);
      return norm.backward(in.backward(dHidden, gradients), gradients);
    }
  }

  /** The plain residual: x + branch(x). */
  record Plain(GoldenStage branch) implements GoldenStage {
    @Override
    public double[] forward(double[] x) {
      return sum(x, branch.forward(x));
    }

    @Override
    public double[] backward(double[] dy, Map<String, double[]> gradients) {
      return sum(dy, branch.backward(dy, gradients));
    }

    private static double[] sum(double[] a, double[] b) {
      var sum = new double[a.length];
      for (int k = 0; k < a.length; k++) {
        sum[k] = a[k] + b[k];
      }
      return sum;
    }
  }

  /** A named Linear; the bias is used when the parameter exists. */
  static final class Linear implements GoldenStage {
    private final Map<String, double[]> params;
    private final String name;
    private final int rows;
    private final int in;
    private final int out;
    private double[] input;

    Linear(Map<String, double[]> params, String name, int rows, int in, int out) {
      this.params = params;
      this.name = name;
      this.rows = rows;
      this.in = in;
      this.out = out;
    }

    @Override
    public double[] forward(double[] x) {
      input = x;
      return GoldenOps.linear(
          x, params.get(name + ".weight"), params.get(name + ".bias"), rows, in, out);
    }

    @Override
    public double[] backward(double[] dy, Map<String, double[]> gradients) {
      double[] dw = gradients.get(name + ".weight");
      double[] db = gradients.get(name + ".bias");
      return GoldenOps.linearBackward(
          dy, input, params.get(name + ".weight"), dw, db, rows, in, out);
    }
  }

  /** A named LayerNorm; the bias is used when the parameter exists. */
  static final class Norm implements GoldenStage {
    private final Map<String, double[]> params;
    private final String name;
    private final int rows;
    private final int c;
    private double[] input;

    Norm(Map<String, double[]> params, String name, int rows, int c) {
      this.params = params;
      this.name = name;
      this.rows = rows;
      this.c = c;
    }

    @Override
    public double[] forward(double[] x) {
      input = x;
      double[] w = params.get(name + ".weight");
      double[] b = params.get(name + ".bias");
      return GoldenOps.layerNorm(x, w, b, rows, c, GoldenConfig.LAYER_NORM_EPS);
    }

    @Override
    public double[] backward(double[] dy, Map<String, double[]> gradients) {
      double[] w = params.get(name + ".weight");
      double[] dw = gradients.get(name + ".weight");
      double[] db = gradients.get(name + ".bias");
      return GoldenOps.layerNormBackward(
          dy, input, w, dw, db, rows, c, GoldenConfig.LAYER_NORM_EPS);
    }
  }
}
