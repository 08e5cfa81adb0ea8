package birkhoff.tests.formats;

import birkhoff.tests.golden.GoldenFamily;
import birkhoff.tests.golden.GoldenMixer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A model as docs/FORMATS.md describes it, rebuilt from a checkpoint's files in plain double loops.
 * It shares nothing with the program: not even the reading of the files.
 */
final class RebuiltGpt {
  private final JsonNode config;
  private final Map<String, double[]> tensors = new HashMap<>();
  private final String type;
  private final int c;
  private final int d;

  RebuiltGpt(Path checkpoint) throws IOException {
    config = new ObjectMapper().readTree(checkpoint.resolve("config.json").toFile());
    type = config.get("hyper_conn_type").asText();
    c = config.get("n_embd").asInt();
    d = type.equals("none") ? 1 : config.get("hyper_conn_n").asInt();
    var bytes =
        ByteBuffer.wrap(Files.readAllBytes(checkpoint.resolve("model.safetensors")))
            .order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(bytes.getLong());
    var header = new byte[length];
    bytes.get(header);
    int start = bytes.position();
    new ObjectMapper()
        .readTree(new String(header, StandardCharsets.UTF_8))
        .properties()
        .forEach(e -> {
          if (e.getKey().equals("__metadata__")) {
            return;
          }
          JsonNode offsets = e.getValue().get("data_offsets");
          int from = start + offsets.get(0).asInt();
          var values = new double[(offsets.get(1).asInt() - offsets.get(0).asInt()) / 4];
          for (int i = 0; i < values.length; i++) {
            values[i] = bytes.getFloat(from + 4 * i);
          }
          tensors.put(e.getKey(), values);
        });
  }

  private double[] tensor(String name) {
    double[] found = tensors.get(name);
    if (found == null) {
      throw new IllegalStateException("no tensor " + name + " among " + tensors.keySet());
    }
    return found;
  }

  /** The mean cross-entropy of one sequence. */
  double loss(int[] x, int[] y) {
    int n = x.length;
    double[] wte = tensor("transformer.wte.weight");
    double[] head = config.path("tie_word_embeddings").asBoolean() ? wte : tensor("lm_head.weight");
    double[] wpe = tensor("transformer.wpe.weight");
    var streams = new double[n][d][c];
    for (int t = 0; t < n; t++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < c; k++) {
          streams[t][j][k] = wte[x[t] * c + k] + wpe[t * c + k];
        }
      }
    }
    for (int i = 0; i < config.get("n_layer").asInt(); i++) {
      String h = "transformer.h." + i + ".";
      sublayer(streams, h + "hc_attn", h + "ln_1", u -> attention(u, h + "attn"));
      sublayer(streams, h + "hc_mlp", h + "ln_2", u -> mlp(u, h + "mlp"));
    }
    double share = config.path("hyper_conn_collapse").asText().equals("mean") ? 1.0 / d : 1;
    double total = 0;
    for (int t = 0; t < n; t++) {
      var last = new double[c];
      for (int j = 0; j < d; j++) {
        double[] normed = norm(streams[t][j], "transformer.ln_f");
        for (int k = 0; k < c; k++) {
          last[k] += share * normed[k];
        }
      }
      double[] logits = linear(last, head);
      double sum = 0;
      for (double v : logits) {
        sum += Math.exp(v);
      }
      total += Math.log(sum) - logits[y[t]];
    }
    return total / n;
  }

  @FunctionalInterface
  private interface Branch {
    double[][] apply(double[][] u);
  }

  private void sublayer(double[][][] streams, String name, String norm, Branch branch) {
    int n = streams.length;
    var maps = new Maps[n];
    var u = new double[n][c];
    for (int t = 0; t < n; t++) {
      maps[t] = maps(streams[t], name);
      var read = new double[c];
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < c; k++) {
          read[k] += maps[t].pre[j] * streams[t][j][k];
        }
      }
      u[t] = norm(read, norm);
    }
    double[][] f = branch.apply(u);
    for (int t = 0; t < n; t++) {
      var next = new double[d][c];
      for (int i = 0; i < d; i++) {
        for (int k = 0; k < c; k++) {
          next[i][k] = maps[t].post[i] * f[t][k];
          for (int j = 0; j < d; j++) {
            next[i][k] += maps[t].h[i * d + j] * streams[t][j][k];
          }
        }
      }
      streams[t] = next;
    }
  }

  private record Maps(double[] pre, double[] post, double[] h) {}

  private Maps maps(double[][] x, String name) {
    return switch (type) {
      case "none" -> new Maps(new double[] {1}, new double[] {1}, new double[] {1});
      case "hc" -> unconstrained(x, name);
      default -> generated(x, name);
    };
  }

  private Maps generated(double[][] x, String name) {
    double[] weight = tensor(name + ".generator.weight");
    double[] gate = tensor(name + ".gate");
    double[] bias = tensor(name + ".bias");
    double squares = 0;
    for (double[] stream : x) {
      squares += Arrays.stream(stream).map(v -> v * v).sum();
    }
    double r = 1 / Math.sqrt(squares / (d * c) + 1e-6);
    var value = new double[bias.length];
    for (int row = 0; row < bias.length; row++) {
      double g = 0;
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < c; k++) {
          g += r * weight[(row * d + j) * c + k] * x[j][k];
        }
      }
      value[row] = gate[Math.min(row / d, 2)] * g + bias[row];
    }
    var pre = new double[d];
    var post = new double[d];
    for (int j = 0; j < d; j++) {
      pre[j] = 1 / (1 + Math.exp(-value[j]));
      post[j] = 2 / (1 + Math.exp(-value[d + j]));
    }
    return new Maps(pre, post, mixer(Arrays.copyOfRange(value, 2 * d, value.length)));
  }

  private double[] mixer(double[] z) {
    return switch (type) {
      case "identity" -> {
        var h = new double[d * d];
        for (int i = 0; i < d; i++) {
          h[i * d + i] = 1;
        }
        yield h;
      }
      case "unconstrained" -> z;
      case "mhc" -> GoldenFamily.sinkhorn(z, d, config.get("hyper_conn_iterations").asInt());
      case "mhc_lite" -> GoldenFamily.permutations(z, d);
      case "go_mhc" -> go(z, d);
      default -> kronecker(z);
    };
  }

  private double[] go(double[] z, int size) {
    int s = config.get("hyper_conn_s").asInt();
    boolean full = config.get("hyper_conn_skew").asText().equals("full");
    double guard = config.get("hyper_conn_guard").asDouble();
    double[] a = full ? GoldenFamily.skewPart(z, size * s) : z;
    if (guard > 0) {
      a = Arrays.stream(a).map(v -> guard * Math.tanh(v / guard)).toArray();
    }
    return GoldenMixer.forward(a, size, s);
  }

  private double[] kronecker(double[] z) {
    int[] sizes =
        Arrays.stream(config.get("hyper_conn_factors").asText().split("x", -1))
            .mapToInt(Integer::parseInt)
            .toArray();
    double[] h = {1};
    int done = 1;
    int from = 0;
    for (int size : sizes) {
      int s = config.get("hyper_conn_s").asInt();
      int numbers = 1;
      if (type.equals("go_kromhc")) {
        numbers = size * s * (size * s - 1) / 2;
      } else {
        for (int i = 2; i <= size; i++) {
          numbers *= i;
        }
      }
      double[] own = Arrays.copyOfRange(z, from, from + numbers);
      double[] factor =
          type.equals("go_kromhc") ? go(own, size) : GoldenFamily.permutations(own, size);
      h = GoldenFamily.kronecker(h, done, factor, size);
      done *= size;
      from += numbers;
    }
    return h;
  }

  private Maps unconstrained(double[][] x, String name) {
    double[] alpha = tensor(name + ".alpha.weight");
    double[] beta = tensor(name + ".beta.weight");
    double[] gate = tensor(name + ".gate");
    double[] alphaBias = tensor(name + ".alpha.bias");
    double[] betaBias = tensor(name + ".beta.bias");
    var maps = new Maps(new double[d], new double[d], new double[d * d]);
    for (int j = 0; j < d; j++) {
      double r = 1 / Math.sqrt(Arrays.stream(x[j]).map(v -> v * v).sum() / c + 1e-6);
      double[] normed = Arrays.stream(x[j]).map(v -> v * r).toArray();
      double[] a = linear(normed, alpha);
      maps.pre[j] = gate[0] * Math.tanh(a[0]) + alphaBias[j * (d + 1)];
      for (int i = 0; i < d; i++) {
        maps.h[i * d + j] = gate[0] * Math.tanh(a[1 + i]) + alphaBias[j * (d + 1) + 1 + i];
      }
      maps.post[j] = gate[1] * Math.tanh(linear(normed, beta)[0]) + betaBias[j];
    }
    return maps;
  }

  private double[] norm(double[] x, String name) {
    double mean = Arrays.stream(x).sum() / c;
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / c;
    double[] weight = tensor(name + ".weight");
    var y = new double[c];
    for (int k = 0; k < c; k++) {
      y[k] = (x[k] - mean) / Math.sqrt(variance + 1e-5) * weight[k];
    }
    return y;
  }

  /** {@code W·x} for W of any number of rows. */
  private static double[] linear(double[] x, double[] weight) {
    var y = new double[weight.length / x.length];
    for (int i = 0; i < y.length; i++) {
      for (int k = 0; k < x.length; k++) {
        y[i] += weight[i * x.length + k] * x[k];
      }
    }
    return y;
  }

  private double[][] attention(double[][] u, String name) {
    int n = u.length;
    int heads = config.get("n_head").asInt();
    int size = c / heads;
    var qkv = new double[n][];
    for (int t = 0; t < n; t++) {
      qkv[t] = linear(u[t], tensor(name + ".c_attn.weight"));
    }
    var out = new double[n][];
    for (int t = 0; t < n; t++) {
      var y = new double[c];
      for (int head = 0; head < heads; head++) {
        var w = new double[t + 1];
        for (int s = 0; s <= t; s++) {
          for (int k = head * size; k < (head + 1) * size; k++) {
            w[s] += qkv[t][k] * qkv[s][c + k] / Math.sqrt(size);
          }
        }
        double sum = Arrays.stream(w).map(Math::exp).sum();
        for (int s = 0; s <= t; s++) {
          for (int k = head * size; k < (head + 1) * size; k++) {
            y[k] += Math.exp(w[s]) / sum * qkv[s][2 * c + k];
          }
        }
      }
      out[t] = linear(y, tensor(name + ".c_proj.weight"));
    }
    return out;
  }

  private double[][] mlp(double[][] u, String name) {
    var out = new double[u.length][];
    for (int t = 0; t < u.length; t++) {
      double[] up = linear(u[t], tensor(name + ".c_fc.weight"));
      for (int k = 0; k < up.length; k++) {
        double v = up[k];
        double inner = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v);
        up[k] = 0.5 * v * (1 + Math.tanh(inner));
      }
      out[t] = linear(up, tensor(name + ".c_proj.weight"));
    }
    return out;
  }
}
