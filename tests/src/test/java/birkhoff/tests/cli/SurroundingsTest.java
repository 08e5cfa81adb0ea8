package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.support.ChildJvm;
import birkhoff.transformer.cli.Main;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands without a terminal, on a full disk, without a reader, in folders of any name. */
@Timeout(120)
class SurroundingsTest {
  private static final Path FULL = Path.of("/dev/full");

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void text() throws IOException {
    text = SmallRun.text(folder);
  }

  private ProcessBuilder command(String... arguments) {
    return new ProcessBuilder(ChildJvm.command(Main.class, List.of(), arguments));
  }

  private String[] train(Path out, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(List.of("--dataset=" + text, "--max_iters=12", "--log_interval=1"));
    return SmallRun.trainArguments(out, all.toArray(String[]::new)).toArray(String[]::new);
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aResultThatCannotBeWrittenIsAFailure() throws Exception {
    assumeTrue(Files.exists(FULL), "a device that is always full");
    Path out = folder.resolve("out");
    assertThat(SmallRun.of(train(out)).code()).isZero();
    String[][] commands = {
      {"info", out.toString()},
      {"sample", "--checkpoint=" + out, "--prompt=to", "--max_new_tokens=4"},
      {"tokenize", "--tokenizer=byte", "hello"},
      train(folder.resolve("other"), "--json")
    };
    for (String[] arguments : commands) {
      File errors = folder.resolve("errors").toFile();
      Process process =
          command(arguments).redirectOutput(FULL.toFile()).redirectError(errors).start();
      assertThat(exitCode(process)).as(arguments[0]).isEqualTo(1);
      assertThat(Files.readString(errors.toPath()))
          .as(arguments[0])
          .contains("birkhoff: standard output could not be written whole")
          .doesNotContain("Exception");
    }
    // The run itself is saved all the same.
    assertThat(names(folder.resolve("other/checkpoints"))).containsExactly("step-00000012");
  }

  @Test
  void aRunWhoseReaderEndsIsSavedAllTheSame() throws Exception {
    Path out = folder.resolve("out");
    Process process =
        command(train(out, "--json")).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    assertThat(process.getInputStream().read()).isEqualTo('{');
    process.getInputStream().close();
    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(names(out.resolve("checkpoints"))).containsExactly("step-00000012");
  }

  @Test
  void withoutATerminalThereAreNoControlCharacters() throws Exception {
    Process process = command(train(folder.resolve("out"))).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(exitCode(process)).as(output).isZero();
    assertThat(output).contains("step 12").doesNotContain("\r", "\u001b");
  }

  @Test
  void foldersMayHaveAnyName() throws Exception {
    Path odd = Files.createDirectories(folder.resolve("Ünï 😀 'quoted\" $HOME %d\n"));
    Path source = Files.copy(text, odd.resolve("Текст —.txt"));
    Path out = odd.resolve("результат");
    for (String[] arguments :
        new String[][] {
          SmallRun.trainArguments(out, "--dataset=" + source, "--max_iters=2")
              .toArray(String[]::new),
          {"export", "--checkpoint=" + out, "--format=safetensors", "--out=" + odd.resolve("é")},
          {"prepare", "--input=" + source, "--out=" + odd.resolve("数据")}
        }) {
      ProcessBuilder builder = command(arguments);
      builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8"));
      Process process = builder.redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(exitCode(process)).as(output).isZero();
    }
    assertThat(names(out)).contains("checkpoints", "metrics.jsonl", "report.html");
  }

  @Test
  void aFolderThatCannotBeMadeIsOneLine() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    for (String[] arguments :
        new String[][] {
          train(file.resolve("out")),
          train(file),
          {"prepare", "--input=" + text, "--out=" + file.resolve("data")},
        }) {
      SmallRun run = SmallRun.of(arguments);
      assertThat(run.code()).as(run.err()).isIn(1, 2);
      assertThat(run.err()).contains("file").doesNotContain("Exception").hasLineCount(1);
    }
    assertThat(file).hasContent("x");
  }

  /** For root too, who may do anything unless told otherwise. */
  @Test
  void whatIsReadOnlyOrSecretIsOneLineAndReadableRunsAreRead() throws Exception {
    Path out = folder.resolve("out");
    assertThat(SmallRun.of(train(out)).code()).isZero();
    Path weights = out.resolve("checkpoints/step-00000012/model.safetensors");
    Path secret = Files.copy(text, folder.resolve("secret.txt"));
    byte[] before = Files.readAllBytes(weights);
    try {
      permit(secret, "---------");
      permit(out.resolve("checkpoints"), "r-xr-xr-x");
      permit(out, "r-xr-xr-x");
      assumeTrue(
          !succeeds(restricted(List.of("touch", out.resolve("x").toString())))
              && succeeds(restricted(List.of("true"))),
          "permissions can be made to count");
      assertDenied(out.resolve("inside"), train(out.resolve("inside")));
      assertDenied(out.resolve("previous"), train(out));
      assertDenied(
          out.resolve("config.toml"),
          "train",
          "--out_dir=" + out,
          "--init_from=resume",
          "--max_iters=14");
      assertDenied(
          out.resolve("x"),
          "export",
          "--checkpoint=" + out,
          "--format=safetensors",
          "--out=" + out.resolve("x"));
      assertDenied(secret, "prepare", "--input=" + secret, "--out=" + folder.resolve("data"));
      assertDenied(secret, "train", "--out_dir=" + folder.resolve("other"), "--dataset=" + secret);
      assertThat(Files.readAllBytes(weights)).isEqualTo(before);
      assertThat(output(0, "info", out.toString())).contains("12");
      output(0, "sample", "--checkpoint=" + out, "--prompt=to", "--max_new_tokens=4");
      permit(weights, "---------");
      assertDenied(weights, "sample", "--checkpoint=" + out);
    } finally {
      permit(out, "rwxr-xr-x");
      permit(out.resolve("checkpoints"), "rwxr-xr-x");
    }
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  /** Without root's right to pass over permissions. */
  private static ProcessBuilder restricted(List<String> command) {
    List<String> all = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      all.addAll(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
    }
    all.addAll(command);
    return new ProcessBuilder(all);
  }

  private static String output(int code, String... arguments) throws Exception {
    Process process =
        restricted(ChildJvm.command(Main.class, List.of(), arguments))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(exitCode(process)).as(String.join(" ", arguments) + "\n" + output).isEqualTo(code);
    return output;
  }

  private static void assertDenied(Path what, String... arguments) throws Exception {
    assertThat(output(1, arguments).lines().filter(l -> l.startsWith("birkhoff:")))
        .containsExactly(
            "birkhoff: cannot use "
                + what
                + ": permission denied; change its permissions or choose another place");
  }

  /** A file system of 600 kB, where this process may mount one. */
  @Test
  void aFullDiskLosesNothingThatWasSaved() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    var mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk.toString());
    assumeTrue(succeeds(mount), "a file system can be mounted");
    try {
      Path out = disk.resolve("out");
      SmallRun run = SmallRun.of(train(out, "--eval_interval=1", "--keep_last=100"));
      assertThat(run.code()).as(run.err()).isEqualTo(1);
      assertThat(run.err()).contains("No space left on device").doesNotContain("\tat ");
      List<String> saved = names(out.resolve("checkpoints"));
      List<String> whole = saved.stream().filter(n -> n.matches("step-\\d{8}")).toList();
      assertThat(whole).isNotEmpty();
      for (String checkpoint : whole) {
        SmallRun info = SmallRun.of("info", out.resolve("checkpoints/" + checkpoint).toString());
        assertThat(info.code()).as(info.err()).isZero();
      }
      // With room again the run goes on from the last one.
      assertThat(succeeds(new ProcessBuilder("mount", "-o", "remount,size=6m", disk.toString())))
          .isTrue();
      SmallRun more =
          SmallRun.of("train", "--out_dir=" + out, "--init_from=resume", "--max_iters=12");
      assertThat(more.code()).as(more.err()).isZero();
      assertThat(names(out.resolve("checkpoints")))
          .contains("step-00000012")
          .allMatch(n -> n.matches("step-\\d{8}"));
    } finally {
      succeeds(new ProcessBuilder("umount", "-l", disk.toString()));
    }
  }

  private static boolean succeeds(ProcessBuilder command) throws InterruptedException {
    try {
      return command
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
