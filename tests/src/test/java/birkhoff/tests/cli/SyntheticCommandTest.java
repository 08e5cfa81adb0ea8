package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.transformer.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyntheticCommandTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--d=1              | d=1 is outside 2 … 256",
        "--d=4-2            | d=4-2: the range 4-2 must ascend",
        "--d=four           | d=four must be integers or ranges",
        "--d=               | d is empty",
        "--d=2,2            | d names a value twice",
        "--s=0              | s=0 is outside",
        "--d=256 --s=5      | d=256 with s=5",
        "--methods=mhcc     | methods=mhcc is unknown; take some of go_mhc,mhc_lite",
        "--skew=half        | skew=half is unknown; take some of full,triangle",
        "--epochs=1         | epochs=1 is outside",
        "--epochs=many      | epochs=many must be an integer",
        "--noise=-1         | noise=-1 must be a finite number",
        "--quirk=maybe      | quirk=maybe must be true or false",
        "--threads=-1       | threads=-1 must be between",
        "--repeats=0        | repeats=0 is outside",
        "--methods=kromhc --d=7 | cannot run with d=[7]",
        "--problems=65536 --samples=1000000 | is more data than",
        "--epoch=10         | unknown key 'epoch'; did you mean 'epochs'?",
      })
  void misuseIsOneLineAndExitCode2(String args, String message) throws IOException {
    String out = "--out_dir=" + folder.resolve("none");
    CommandLineRun run =
        CommandLineRun.of(
            Stream.concat(
                    Stream.of("experiment", "synthetic", out), Stream.of(args.strip().split(" +")))
                .toArray(String[]::new));
    assertThat(run.err()).contains(message).hasLineCount(1).startsWith("birkhoff: ");
    assertThat(run.code()).isEqualTo(2);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void everythingIsWrittenAndJsonIsTheOnlyOutput() throws IOException {
    Path out = folder.resolve("out");
    CommandLineRun run =
        CommandLineRun.of(
            "experiment",
            "synthetic",
            "--d=2,4",
            "--s=2",
            "--epochs=50",
            "--problems=8",
            "--repeats=2",
            "--out-dir=" + out,
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.outLines()).hasSize(1);
    var result = Json.parse("stdout", run.out());
    assertThat(result.get("runs")).hasSize(16);
    assertThat(result.get("comparison").get("seeds")).hasSize(2);
    assertThat(Json.read(out.resolve("synthetic.json"))).isEqualTo(result);
    List<String> lines = Files.readAllLines(out.resolve("curves.csv"));
    assertThat(lines.getFirst()).isEqualTo("method,factors,d,s,skew,seed,epoch,mse");
    assertThat(lines).anyMatch(l -> l.startsWith("go_mhc,,4,2,full,42,49,"));
    for (String chart : List.of("epochs.svg", "final_mse.svg", "curves_d4.svg")) {
      assertThat(Files.readString(out.resolve(chart)))
          .startsWith("<svg xmlns=")
          .contains("<style>", "</svg>");
    }
    assertThat(Files.readString(out.resolve("synthetic.html")))
        .contains("go_mhc s=2 full", "noise²/3", "equal steps")
        .doesNotContain("http://", "https://", "<script");
    assertThat(folder).isDirectoryContaining(f -> f.endsWith("out"));
  }

  @Test
  void aTableIsPrintedForPeople() {
    CommandLineRun run =
        CommandLineRun.of(
            "experiment",
            "synthetic",
            "--d=2",
            "--s=1-3",
            "--methods=go_mhc",
            "--epochs=20",
            "--out_dir=" + folder.resolve("out"));
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("final MSE").hasLineCount(7);
    assertThat(run.err()).contains("6/6", "synthetic.html");
  }
}
