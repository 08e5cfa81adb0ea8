package birkhoff.tests.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An interrupted run that is resumed gives the bytes of an uninterrupted one. */
class ResumeTest {
  private static final int STEPS = 12;

  @TempDir Path folder;
  private Path text;

  @BeforeEach
  void write() throws IOException {
    text = SmallRun.text(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "none, random, 1, 0, 1",
    "none, sequential, 2, 0.1, 5",
    "go_mhc, random, 1, 0, 7",
    "go_mhc, random, 2, 0.2, 11",
    "go_mhc, sequential, 1, 0, 3",
    "none --optimizer=muon --lr_schedule=wsd, random, 1, 0, 6",
    "go_mhc --optimizer=muon, random, 1, 0, 5",
    "none --optimizer=sgd --lr_schedule=linear --momentum=0.8, random, 1, 0, 9",
  })
  void theBytesAreThoseOfAnUninterruptedRun(
      String kind, String sampling, int accumulation, double dropout, int cut) throws IOException {
    String[] own = ("--hyper_conn_type=" + kind).split(" ", -1);
    String[] common = {
      "--dataset=" + text,
      "--sampling=" + sampling,
      "--gradient_accumulation_steps=" + accumulation,
      "--dropout=" + dropout,
      "--lr_decay_iters=" + STEPS,
      "--eval_interval=4"
    };
    String[] settings = Arrays.copyOf(common, common.length + own.length);
    System.arraycopy(own, 0, settings, common.length, own.length);
    Path whole = folder.resolve("whole");
    assertThat(train(whole, settings, "--max_iters=" + STEPS).code()).isZero();
    Path parts = folder.resolve("parts");
    assertThat(train(parts, settings, "--max_iters=" + cut).code()).isZero();
    SmallRun resumed =
        SmallRun.of(
            "train",
            "--out_dir=" + parts,
            "--init_from=resume",
            "--max_iters=" + STEPS,
            "--threads=1");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("resuming after " + cut + " steps");

    for (String file : new String[] {"model.safetensors", "optimizer.safetensors"}) {
      byte[] expected = Files.readAllBytes(checkpoint(whole, STEPS).resolve(file));
      assertThat(Files.readAllBytes(checkpoint(parts, STEPS).resolve(file)))
          .as(file)
          .isEqualTo(expected);
    }
    assertThat(Files.readString(checkpoint(parts, STEPS).resolve("state.json")))
        .contains("\"step\" : " + STEPS)
        .contains("\"next_micro_batch\" : " + STEPS * accumulation);
  }

  @Test
  void anotherConfigurationIsRefusedWithTheKeys() throws IOException {
    Path out = folder.resolve("out");
    train(out, new String[] {"--dataset=" + text}, "--max_iters=2");
    SmallRun other =
        SmallRun.of(
            "train", "--out_dir=" + out, "--init_from=resume", "--n_layer=3", "--beta2=0.5");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .hasLineCount(1)
        .contains("n_layer (2 there, 3 here)")
        .doesNotContain("beta2");
  }

  @Test
  void aTextWithNewCharactersIsRefusedWhenResuming() throws IOException {
    Path out = folder.resolve("out");
    train(out, new String[] {"--dataset=" + text}, "--max_iters=2");
    Path other = Files.writeString(folder.resolve("other.txt"), "to be ÄÖÜ ".repeat(50));
    SmallRun run =
        SmallRun.of("train", "--out_dir=" + out, "--init_from=resume", "--dataset=" + other);
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("'Ä'");
  }

  @Test
  void resumingWithoutACheckpointSaysSo() {
    SmallRun run =
        SmallRun.of("train", "--out_dir=" + folder.resolve("none"), "--init_from=resume");
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("none holds no checkpoint");
  }

  @Test
  void aCheckpointFolderGivesWeightsButNoMoments() throws IOException {
    Path first = folder.resolve("first");
    train(first, new String[] {"--dataset=" + text}, "--max_iters=3");
    Path second = folder.resolve("second");
    SmallRun run =
        SmallRun.of(
            "train",
            "--out_dir=" + second,
            "--init_from=" + first,
            "--dataset=" + text,
            "--batch_size=2",
            "--eval_iters=2",
            "--sample_interval=0",
            "--learning_rate=0",
            "--decay_lr=false",
            "--max_iters=1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readAllBytes(checkpoint(second, 1).resolve("model.safetensors")))
        .isEqualTo(Files.readAllBytes(checkpoint(first, 3).resolve("model.safetensors")));
  }

  private SmallRun train(Path out, String[] settings, String more) {
    String[] all = Arrays.copyOf(settings, settings.length + 1);
    all[settings.length] = more;
    return SmallRun.train(out, all);
  }

  private static Path checkpoint(Path out, int step) {
    return out.resolve("checkpoints").resolve(String.format(Locale.ROOT, "step-%08d", step));
  }
}
