package birkhoff.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The oracle against PyTorch in float64: loss, every gradient, ten clipped AdamW steps. Finite
 * differences cannot see a wrong forward pass; these numbers can. {@code anchors.py} made them and
 * says what they are.
 */
class GoldenAnchorTest {
  private static final int VOCAB = 11;
  private static final int BATCH = 2;
  private static final int TIME = 6;
  private static final double BOUND = 1e-12;

  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    List<List<String[]>> cases = new ArrayList<>();
    for (String line : resource("anchors.txt").split("\n")) {
      String[] words = line.trim().split(" ");
      if (words[0].equals("case")) {
        cases.add(new ArrayList<>());
      }
      if (!words[0].equals("#")) {
        cases.getLast().add(words);
      }
    }
    assertEquals(5, cases.size());
    return cases.stream()
        .map(lines -> DynamicTest.dynamicTest(lines.getFirst()[1], () -> check(lines)));
  }

  private static void check(List<String[]> lines) {
    String[] head = lines.getFirst();
    GoldenConfig plain =
        GoldenConfig.plain(VOCAB, 7, 2, 2, 8)
            .withBias(Boolean.parseBoolean(head[2]))
            .withTanhGelu(Boolean.parseBoolean(head[3]));
    GoldenConfig config =
        Boolean.parseBoolean(head[4])
            ? plain.withGoMhc(Integer.parseInt(head[5]), Integer.parseInt(head[6]))
            : plain;
    Map<String, double[]> params = sines(config);
    var x = new int[BATCH * TIME];
    var y = new int[BATCH * TIME];
    for (int r = 0; r < x.length; r++) {
      x[r] = (5 * r + 2) % VOCAB;
      y[r] = (7 * r + 3) % VOCAB;
    }
    var gpt = new GoldenGpt(config, params);
    var optimizer = new GoldenAdamW(GoldenParams.shapes(config), 0.9, 0.95, 1e-8, 0.1, 1);
    GoldenGpt.Result first = gpt.lossAndGradients(x, y, BATCH, TIME);
    int gradients = 0;
    int trained = 0;
    int steps = 0;
    for (String[] line : lines.subList(1, lines.size())) {
      switch (line[0]) {
        case "loss" -> close(number(line[1]), first.loss(), BOUND, "loss");
        case "grad" -> {
          gradients++;
          twoNumbers(line, first.gradients().get(line[1]), BOUND);
        }
        case "step" -> {
          steps++;
          GoldenGpt.Result result = gpt.lossAndGradients(x, y, BATCH, TIME);
          double norm = optimizer.step(1e-2, params, result.gradients());
          close(number(line[2]), result.loss(), BOUND, "loss of step " + line[1]);
          close(number(line[3]), norm, BOUND, "norm of step " + line[1]);
        }
        case "param" -> {
          trained++;
          // Where the loss is flat, rounding noise in the gradient is scaled up by 1/epsilon.
          twoNumbers(line, params.get(line[1]), 1e-8);
        }
        default -> throw new AssertionError("unknown line " + String.join(" ", line));
      }
    }
    assertEquals(params.size(), gradients);
    assertEquals(params.size(), trained);
    assertEquals(10, steps);
  }

  private static Map<String, double[]> sines(GoldenConfig config) {
    Map<String, double[]> params = GoldenParams.zeros(config);
    int t = 0;
    for (var entry : params.entrySet()) {
      boolean norm = entry.getKey().contains(".ln_") && entry.getKey().endsWith(".weight");
      double[] values = entry.getValue();
      for (int k = 0; k < values.length; k++) {
        values[k] = 0.4 * Math.sin(1 + 0.7 * k + 1.3 * t) + (norm ? 1 : 0);
      }
      t++;
    }
    return params;
  }

  private static void twoNumbers(String[] line, double[] values, double bound) {
    double squares = 0;
    double product = 0;
    for (int k = 0; k < values.length; k++) {
      squares += values[k] * values[k];
      product += values[k] * Math.cos(0.3 * k + 0.1);
    }
    close(number(line[2]), Math.sqrt(squares), bound, line[0] + " norm of " + line[1]);
    close(number(line[3]), product, bound, line[0] + " product of " + line[1]);
  }

  private static void close(double expected, double got, double bound, String what) {
    assertEquals(expected, got, bound * Math.max(1, Math.abs(expected)), what);
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = GoldenAnchorTest.class.getResourceAsStream(name)) {
      assertTrue(in != null, name + " is missing");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
