package birkhoff.transformer.diagnostics;

import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.residual.StreamObserver;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at all mixers of forward passes, and at their product over the sublayers of each token,
 * later ones on the left (arXiv 2604.02309, equation (5)).
 */
public final class MixerWatch implements StreamObserver {
  private final int d;
  private final List<MixerStatistics.Sum> sublayers = new ArrayList<>();
  private final MixerStatistics.Sum composite;
  private double[] product = new double[0];

  /** Watches a model of d streams, at least 2, with that many sublayers. */
  public MixerWatch(int d, int sublayers) {
    this.d = d;
    for (int i = 0; i < sublayers; i++) {
      this.sublayers.add(new MixerStatistics.Sum(d));
    }
    this.composite = new MixerStatistics.Sum(d);
  }

  @Override
  public void written(int sublayer, Tensor mixer, Tensor streams) {
    float[] maps = mixer.toFloatArray();
    float[] state = streams.toFloatArray();
    int size = d * d;
    int tokens = maps.length / size;
    int width = state.length / tokens / d;
    if (sublayer == 0) {
      product = new double[maps.length];
      for (int t = 0; t < tokens; t++) {
        for (int i = 0; i < d; i++) {
          product[t * size + i * d + i] = 1;
        }
      }
    }
    MixerStatistics.Sum sum = sublayers.get(sublayer);
    double[] h = new double[size];
    double[] before = new double[size];
    for (int t = 0; t < tokens; t++) {
      for (int k = 0; k < size; k++) {
        h[k] = maps[k * tokens + t];
      }
      sum.add(h);
      sum.addStreams(state, t * d * width, width);
      System.arraycopy(product, t * size, before, 0, size);
      multiply(h, before, t * size);
      if (sublayer == sublayers.size() - 1) {
        System.arraycopy(product, t * size, before, 0, size);
        composite.add(before);
        composite.addStreams(state, t * d * width, width);
      }
    }
  }

  private void multiply(double[] h, double[] before, int to) {
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        double entry = 0;
        for (int k = 0; k < d; k++) {
          entry += h[i * d + k] * before[k * d + j];
        }
        product[to + i * d + j] = entry;
      }
    }
  }

  /** Each sublayer, in order. */
  public List<MixerStatistics> sublayers() {
    return sublayers.stream().map(MixerStatistics.Sum::statistics).toList();
  }

  /** The product of all; its similarity is that of the last streams. */
  public MixerStatistics composite() {
    return composite.statistics();
  }

  /** As JSON. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    ArrayNode each = json.putArray("sublayers");
    sublayers().forEach(s -> each.add(s.toJson()));
    json.set("composite", composite().toJson());
    return json;
  }
}
