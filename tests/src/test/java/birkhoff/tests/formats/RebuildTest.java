package birkhoff.tests.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import birkhoff.tests.e2e.SmallRun;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/FORMATS.md is enough to compute the loss of every residual kind from the saved tensors. */
class RebuildTest {
  private static final int BLOCK = 8;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "none --tie_word_embeddings=false",
        "hc",
        "identity",
        "unconstrained",
        "mhc",
        "mhc --hyper_conn_iterations=3 --hyper_conn_n=3",
        "mhc_lite",
        "mhc_lite --hyper_conn_collapse=mean",
        "kromhc --hyper_conn_factors=2x2",
        "kromhc --hyper_conn_n=6 --hyper_conn_factors=3x2",
        "go_mhc",
        "go_mhc --hyper_conn_n=3 --hyper_conn_s=1 --hyper_conn_skew=full",
        "go_mhc --hyper_conn_s=3 --hyper_conn_guard=1.4",
        "go_kromhc --hyper_conn_factors=2x2",
        "go_kromhc --hyper_conn_n=6 --hyper_conn_factors=3x2 --hyper_conn_s=1"
      })
  void theSavedTensorsGiveTheLoss(String kind) throws IOException {
    Path run = folder.resolve("run");
    String[] own = ("--hyper_conn_type=" + kind).split(" ", -1);
    String[] more = {
      "--dataset=" + SmallRun.text(folder),
      "--max_iters=6",
      "--eval_interval=6",
      "--learning_rate=0.05",
      "--gelu=tanh"
    };
    String[] all = Arrays.copyOf(more, more.length + own.length);
    System.arraycopy(own, 0, all, more.length, own.length);
    SmallRun trained = SmallRun.train(run, all);
    assertThat(trained.code()).as(trained.err()).isZero();

    int[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5};
    Path tokens = folder.resolve("tokens.bin");
    var bytes = ByteBuffer.allocate(2 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(ids).forEach(id -> bytes.putShort((short) id));
    Files.write(tokens, bytes.array());
    SmallRun evaluated = SmallRun.of("eval", "--checkpoint=" + run, "--tokens=" + tokens, "--json");
    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    JsonNode result = new ObjectMapper().readTree(evaluated.out());
    assertThat(result.get("tokens").asInt()).isEqualTo(BLOCK);

    try (var checkpoints = Files.list(run.resolve("checkpoints"))) {
      var model = new RebuiltGpt(checkpoints.findFirst().orElseThrow());
      double loss =
          model.loss(Arrays.copyOfRange(ids, 0, BLOCK), Arrays.copyOfRange(ids, 1, ids.length));
      assertThat(result.get("loss").asDouble()).isCloseTo(loss, within(1e-5));
    }
  }
}
