package birkhoff.tests.gradcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.GradCheck;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Campaign;
import birkhoff.tests.support.RandomArrays;
import birkhoff.tests.support.Seeds;
import birkhoff.transformer.model.DropoutKeys;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.model.GptConfig;
import birkhoff.transformer.residual.ResidualConfig;
import birkhoff.transformer.residual.ResidualStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Whole models in double: the loss (attention, MLP, fused head and cross-entropy) differentiated
 * with respect to every parameter, for every kind of residual with 2, 4 and 8 streams and blocks of
 * side 1, 2 and 3, against difference quotients.
 */
class ModelGradientsTest {
  private static final int MODELS = 60;
  private static final int BATCH = 2;
  private static final int TIME = 3;
  private static final int VOCAB = 5;

  private long derivatives;
  private double worst;

  private static List<GptConfig> models() {
    var all = new ArrayList<GptConfig>();
    for (int n : new int[] {2, 4, 8}) {
      for (String type : ResidualStreams.types()) {
        if (type.startsWith("go_")) {
          for (int s = 1; s <= 3; s++) {
            all.add(model(ResidualConfig.of(type, n).withBlockSize(s)));
            all.add(model(ResidualConfig.of(type, n).withBlockSize(s).withFullSkew(true)));
          }
          all.add(model(ResidualConfig.of(type, n).withGuard(0.8)));
        } else if (!type.equals("none") && !(type.equals("mhc_lite") && n == 8)) {
          all.add(model(ResidualConfig.of(type, n)));
        }
      }
    }
    for (ResidualConfig r : List.of(ResidualConfig.NONE, ResidualConfig.goMhc(2, 2))) {
      all.add(new GptConfig(VOCAB, 4, 2, 2, 4, true, false, true, 0, r));
      all.add(new GptConfig(VOCAB, 4, 2, 1, 4, false, true, true, 0, r));
      all.add(new GptConfig(VOCAB, 4, 1, 4, 4, true, true, false, 0, r));
      all.add(new GptConfig(VOCAB, 4, 1, 2, 4, true, false, true, 0.3, r));
    }
    return all;
  }

  private static GptConfig model(ResidualConfig residual) {
    return new GptConfig(VOCAB, 4, 1, 2, 4, true, false, true, 0, residual);
  }

  @TestFactory
  Stream<DynamicTest> everyParameter() {
    List<GptConfig> models = models();
    assertThat(models).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(MODELS);
    assertThat(models.stream().map(m -> m.residual().type()).distinct())
        .containsExactlyInAnyOrderElementsOf(ResidualStreams.types());
    return Stream.concat(
        models.stream().map(m -> dynamicTest(m.toString(), () -> check(m))),
        Stream.of(
            dynamicTest(
                "all of them",
                () ->
                    Campaign.ran(
                        "gradients of models",
                        "%d models, %d derivatives; largest error %.3f of the tolerance",
                        models.size(),
                        derivatives,
                        worst))));
  }

  private void check(GptConfig config) {
    SplittableRandom random = Seeds.random("model", config.toString());
    try (Engine engine =
            Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar"));
        Workspace ws = engine.workspace("test")) {
      Gpt gpt = new Gpt(config, new Parameters(engine, DType.FLOAT64, 1));
      var tensors = new ArrayList<Tensor>();
      for (Parameter p : gpt.parameters().all()) {
        boolean aroundOne = p.name().contains(".ln_") && p.name().endsWith(".weight");
        double[] v = new double[Math.toIntExact(p.tensor().count())];
        for (int k = 0; k < v.length; k++) {
          v[k] = (aroundOne ? 1 : 0) + random.nextDouble(-0.5, 0.5);
        }
        tensors.add(p.tensor().copyFrom(v));
      }
      Tensor ids = engine.ids(RandomArrays.tokens(random, BATCH * TIME, VOCAB), BATCH, TIME);
      Tensor targets = engine.ids(RandomArrays.tokens(random, BATCH * TIME, VOCAB), BATCH, TIME);
      DropoutKeys keys = new DropoutKeys.Training(7);
      GradCheck.Report report =
          GradCheck.DEFAULT.check(
              engine.execution(ws), (ops, in) -> gpt.loss(ops, ids, targets, keys), tensors);
      derivatives += report.derivatives();
      worst = Math.max(worst, report.worst());
    }
  }

  @Test
  void permutationsOfEightStreamsAreRefused() {
    assertThatThrownBy(() -> ResidualStreams.check(ResidualConfig.of("mhc_lite", 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8!");
  }
}
