package birkhoff.tests.golden;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Names, shapes and random test values of the oracle's parameters. */
final class GoldenParams {
  private GoldenParams() {}

  /** Every parameter name with its shape, in the order of the forward pass. */
  public static Map<String, int[]> shapes(GoldenConfig config) {
    int c = config.width();
    var shapes = new LinkedHashMap<String, int[]>();
    shapes.put("transformer.wte.weight", new int[] {config.vocab(), c});
    shapes.put("transformer.wpe.weight", new int[] {config.block(), c});
    for (int layer = 0; layer < config.layers(); layer++) {
      String h = "transformer.h." + layer + ".";
      config.residual().shapes(shapes, h + "hc_attn", c);
      layerNorm(shapes, h + "ln_1", config);
      linear(shapes, h + "attn.c_attn", 3 * c, c, config);
      linear(shapes, h + "attn.c_proj", c, c, config);
      config.residual().shapes(shapes, h + "hc_mlp", c);
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
