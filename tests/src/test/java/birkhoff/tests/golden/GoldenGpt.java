package birkhoff.tests.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GPT-2 as nanoGPT builds it, without dropout, with every kind of residual: the independent
 * double-precision oracle that the engine is checked against. It shares no code with the engine.
 * Reads the parameter arrays at every call and never writes them. Not thread-safe.
 */
final class GoldenGpt {
  private final GoldenConfig config;
  private final Map<String, double[]> params;

  /**
   * @param params exactly the names and sizes of {@link GoldenParams#shapes}
   */
  public GoldenGpt(GoldenConfig config, Map<String, double[]> params) {
    this.config = config;
    this.params = params;
    Map<String, int[]> shapes = GoldenParams.shapes(config);
    if (!shapes.keySet().equals(params.keySet())) {
      throw new IllegalArgumentException(
          "parameters are " + params.keySet() + " but the config has " + shapes.keySet());
    }
    shapes.forEach((name, shape) -> {
      if (params.get(name).length != GoldenParams.size(shape)) {
        throw new IllegalArgumentException(
            name
                + " needs "
                + GoldenParams.size(shape)
                + " values, got "
                + params.get(name).length);
      }
    });
  }

  /**
   * What one pass produced.
   *
   * @param loss mean cross-entropy in nats
   * @param logits [B, T, V]
   * @param activations by name, in order: {@code embedding} [B, T, C], the streams after each
   *     sublayer {@code transformer.h.0.attn} and so on [B, T, d, C], with streams its mixers
   *     {@code transformer.h.0.hc_attn.mixer} [B, T, d, d], and {@code final} [B, T, C], the head's
   *     input
   * @param gradients dL/dparameter by name; empty for a forward pass
   */
  public record Result(
      double loss,
      double[] logits,
      Map<String, double[]> activations,
      Map<String, double[]> gradients) {}

  /** The forward pass over {@code batch} sequences of {@code time} tokens. */
  public Result forward(int[] x, int[] y, int batch, int time) {
    return new Pass(batch, time).forward(x, y);
  }

  /** Forward and backward. */
  public Result lossAndGradients(int[] x, int[] y, int batch, int time) {
    var pass = new Pass(batch, time);
    Result result = pass.forward(x, y);
    return new Result(
        result.loss(), result.logits(), result.activations(), pass.backward(x, y, result.logits()));
  }

  private final class Pass {
    private final int batch;
    private final int time;
    private final int rows;
    private final int d = config.residual().streams();
    private final int c = config.width();
    private final List<GoldenStage> stages = new ArrayList<>();
    private final GoldenBranches.Norm lastNorm;
    private final GoldenBranches.Linear head;

    Pass(int batch, int time) {
      if (time > config.block()) {
        throw new IllegalArgumentException(
            "time " + time + " is longer than the block " + config.block());
      }
      this.batch = batch;
      this.time = time;
      this.rows = batch * time;
      for (int layer = 0; layer < config.layers(); layer++) {
        String block = "transformer.h." + layer;
        addStage(
            block + ".hc_attn", new GoldenBranches.Attention(config, params, block, batch, time));
        addStage(block + ".hc_mlp", new GoldenBranches.Mlp(config, params, block, rows));
      }
      lastNorm = new GoldenBranches.Norm(params, "transformer.ln_f", rows * d, c);
      head = new GoldenBranches.Linear(params, config.head(), rows, c, config.vocab());
    }

    private void addStage(String name, GoldenStage branch) {
      stages.add(config.residual().stage(c, params, name, branch, rows));
    }

    Result forward(int[] x, int[] y) {
      var activations = new LinkedHashMap<String, double[]>();
      double[] embedding =
          GoldenOps.embed(
              x,
              params.get("transformer.wte.weight"),
              params.get("transformer.wpe.weight"),
              batch,
              time,
              c);
      activations.put("embedding", embedding);
      double[] streams = copyToStreams(embedding);
      for (int k = 0; k < stages.size(); k++) {
        String block = "transformer.h." + k / 2;
        String sublayer = k % 2 == 0 ? "attn" : "mlp";
        streams = stages.get(k).forward(streams);
        activations.put(block + "." + sublayer, streams);
        if (stages.get(k) instanceof GoldenMixing connection) {
          activations.put(block + ".hc_" + sublayer + ".mixer", connection.mixers());
        }
      }
      double[] last = collapsed(sumOverStreams(lastNorm.forward(streams)));
      activations.put("final", last);
      double[] logits = head.forward(last);
      double loss = GoldenOps.crossEntropy(logits, y, rows, config.vocab());
      return new Result(loss, logits, activations, Map.of());
    }

    Map<String, double[]> backward(int[] x, int[] y, double[] logits) {
      Map<String, double[]> gradients = GoldenParams.zeros(config);
      double[] dLogits = GoldenOps.crossEntropyBackward(logits, y, rows, config.vocab());
      double[] dLast = head.backward(dLogits, gradients);
      double[] dStreams = lastNorm.backward(copyToStreams(collapsed(dLast)), gradients);
      for (GoldenStage stage : stages.reversed()) {
        dStreams = stage.backward(dStreams, gradients);
      }
      GoldenOps.embedBackward(
          sumOverStreams(dStreams),
          x,
          gradients.get("transformer.wte.weight"),
          gradients.get("transformer.wpe.weight"),
          batch,
          time,
          c);
      return gradients;
    }

    /** The mean of d streams from their sum, or what it is given; also its own vjp. */
    private double[] collapsed(double[] sum) {
      return config.residual().mean() ? Arrays.stream(sum).map(v -> v / d).toArray() : sum;
    }

    /** [rows, C] to [rows, d, C]; also the vjp of {@link #sumOverStreams}. */
    private double[] copyToStreams(double[] one) {
      var streams = new double[rows * d * c];
      for (int r = 0; r < rows; r++) {
        for (int j = 0; j < d; j++) {
          System.arraycopy(one, r * c, streams, (r * d + j) * c, c);
        }
      }
      return streams;
    }

    /** [rows, d, C] to [rows, C]; also the vjp of {@link #copyToStreams}. */
    private double[] sumOverStreams(double[] streams) {
      var one = new double[rows * c];
      for (int r = 0; r < rows; r++) {
        for (int j = 0; j < d; j++) {
          for (int k = 0; k < c; k++) {
            one[r * c + k] += streams[(r * d + j) * c + k];
          }
        }
      }
      return one;
    }
  }
}
