package birkhoff.tests.golden;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Names, shapes and random test values of the oracle's parameters. */
public final class GoldenParams {
  private GoldenParams() {}

  /** Every parameter name with its shape, in the order of the forward pass. */
  public static Map<String, int[]> shapes(GoldenConfig config) {
    int c = config.width();
    var shapes = new LinkedHashMap<String, int[]>();
    shapes.put("transformer.wte.weight", new int[] {config.vocab(), c});
    shapes.put("transformer.wpe.weight", new int[] {config.block(), c});
    for (int layer = 0; layer < config.layers(); layer++) {
      String h = "transformer.h." + layer + ".";
      hyperConnection(shapes, h + "hc_attn", config);
      layerNorm(shapes, h + "ln_1", config);
      linear(shapes, h + "attn.c_attn", 3 * c, c, config);
      linear(shapes, h + "attn.c_proj", c, c, config);
      hyperConnection(shapes, h + "hc_mlp", config);
      layerNorm(shapes, h + "ln_2", config);
      linear(shapes, h + "mlp.c_fc", 4 * c, c, config);
      linear(shapes, h + "mlp.c_proj", c, 4 * c, config);
    }
    layerNorm(shapes, "transformer.ln_f", config);
    shapes.put(config.head() + ".weight", new int[] {config.vocab(), c});
    return shapes;
  }

  private static void linear(
      Map<String, int[]> shapes, String name, int out, int in, GoldenConfig config) {
    shapes.put(name + ".weight", new int[] {out, in});
    if (config.bias()) {
      shapes.put(name + ".bias", new int[] {out});
    }
  }

  private static void layerNorm(Map<String, int[]> shapes, String name, GoldenConfig config) {
    shapes.put(name + ".weight", new int[] {config.width()});
    if (config.bias()) {
      shapes.put(name + ".bias", new int[] {config.width()});
    }
  }

  private static void hyperConnection(Map<String, int[]> shapes, String name, GoldenConfig config) {
    if (config.hyper()) {
      int rows = config.generatorRows();
      shapes.put(name + ".generator.weight", new int[] {rows, config.streams() * config.width()});
      shapes.put(name + ".gate", new int[] {3});
      shapes.put(name + ".bias", new int[] {rows});
    }
  }

  /**
   * Whether the loss is flat in this number, so that its gradient is rounding noise in any
   * arithmetic, which AdamW then scales up: the key part of an attention bias (softmax ignores it),
   * and what makes a mixer where all streams are equal: in the first sublayer, or with one stream.
   */
  public static boolean isFlat(GoldenConfig config, String name, int index) {
    int c = config.width();
    int d = config.streams();
    if (name.endsWith(".attn.c_attn.bias")) {
      return c <= index && index < 2 * c;
    }
    if (name.startsWith("transformer.h.0.hc_attn.") || (d == 1 && name.contains(".hc_"))) {
      return name.endsWith(".gate")
          ? index == 2
          : index / (name.endsWith(".bias") ? 1 : d * c) >= 2 * d;
    }
    return false;
  }

  public static int size(int[] shape) {
    int size = 1;
    for (int extent : shape) {
      size *= extent;
    }
    return size;
  }

  /** Zeros for every parameter: where gradients are added up. */
  public static Map<String, double[]> zeros(GoldenConfig config) {
    var zeros = new LinkedHashMap<String, double[]>();
    shapes(config).forEach((name, shape) -> zeros.put(name, new double[size(shape)]));
    return zeros;
  }

  /**
   * Values that exercise every term: nothing is zero or symmetric, norm weights lie around 1, the
   * rest in (-scale, scale). Every value is a float, so a float32 model can start from the same.
   */
  public static Map<String, double[]> random(GoldenConfig config, long seed, double scale) {
    var random = new Random(seed);
    var params = zeros(config);
    params.forEach((name, values) -> {
      boolean aroundOne = name.contains(".ln_") && name.endsWith(".weight");
      for (int k = 0; k < values.length; k++) {
        double value = scale * (2 * random.nextDouble() - 1) + (aroundOne ? 1 : 0);
        values[k] = (float) value;
      }
    });
    return params;
  }
}
