package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.transformer.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                          | a command is missing",
        "trian                       | unknown command 'trian'",
        "imprt                       | did you mean 'import'",
        "experiment                  | an experiment is missing; there are: synthetic",
        "experiment sintetic         | unknown experiment 'sintetic'; there are: synthetic",
        "experiment synthetic --out-dri=x | unknown key 'out-dri'; did you mean 'out_dir'?",
        "prepare --otu=x             | unknown key 'otu'; did you mean 'out'?",
        "prepare --tokeniser=char    | did you mean 'tokenizer'?",
        "prepare                     | the option --out is missing",
        "prepare --out=o x           | unexpected argument 'x'",
        "prepare --out               | --out",
        "prepare --out=o --tokenizer=morse | tokenizer='morse'",
      })
  void misuseIsOneLineAndExitCode2(String args, String message) {
    CommandLineRun run =
        CommandLineRun.of(args.isEmpty() ? new String[0] : args.strip().split(" +"));
    assertThat(run.err()).contains(message).hasLineCount(1).startsWith("birkhoff: ");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train",
        "sample",
        "eval",
        "prepare",
        "tokenize",
        "info",
        "export",
        "doctor",
        "bench",
        "profile",
        "experiment",
        "experiment synthetic"
      })
  void everyCommandExplainsItself(String command) {
    String[] names = command.split(" ");
    String[] args = Arrays.copyOf(names, names.length + 1);
    args[names.length] = "--help";
    CommandLineRun run = CommandLineRun.of(args);
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("Usage: birkhoff " + command).contains("--help");
    assertThat(run.err()).isEmpty();
    args[names.length - 1] = "--help";
    CommandLineRun parent = CommandLineRun.of(Arrays.copyOf(args, names.length));
    assertThat(parent.out()).contains("  " + names[names.length - 1]);
  }

  @Test
  void dashesInOptionsOfExperimentsAreUnderscores() {
    CommandLineRun run = CommandLineRun.of("experiment", "synthetic", "--out-dir");
    assertThat(run.err()).contains("--out_dir").hasLineCount(1);
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void theVersionNamesTheJava() {
    CommandLineRun run = CommandLineRun.of("--version");
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("birkhoff ").contains("Java " + Runtime.version());
  }

  @Test
  void prepareGivesOneJsonObjectAndNothingElse() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "abc".repeat(100));
    Path out = folder.resolve("data");
    CommandLineRun run =
        CommandLineRun.of("prepare", "--input=" + text, "--out", out.toString(), "--json");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.outLines()).hasSize(1);
    var result = Json.parse("stdout", run.outLines().get(0));
    assertThat(result.get("vocab_size").asInt()).isEqualTo(3);
    assertThat(result.get("train_tokens").asInt()).isEqualTo(270);
    assertThat(result.get("val_tokens").asInt()).isEqualTo(30);
    assertThat(out.resolve("train.bin")).hasSize(540);
  }

  @Test
  void badDataIsOneLineAndExitCode4() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), "");
    CommandLineRun run =
        CommandLineRun.of("prepare", "--input=" + empty, "--out=" + folder.resolve("data"));
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).hasLineCount(1).contains("empty is empty");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void debugAddsTheStackTrace() {
    String path = folder.resolve("none").toString();
    CommandLineRun plain = CommandLineRun.of("prepare", "--input=" + path, "--out=o");
    CommandLineRun debug = CommandLineRun.of("--debug", "prepare", "--input=" + path, "--out=o");
    assertThat(plain.code()).isEqualTo(4);
    assertThat(debug.code()).isEqualTo(4);
    assertThat(plain.err()).hasLineCount(1);
    assertThat(debug.err()).startsWith(plain.err()).contains("\tat birkhoff.");
  }

  @Test
  void tokenizeShowsPieces() {
    CommandLineRun run = CommandLineRun.of("tokenize", "--tokenizer", "byte", "--json", "hé");
    assertThat(run.code()).isZero();
    var result = Json.parse("stdout", run.out());
    assertThat(result.get("tokens").toString()).isEqualTo("[104,195,169]");
  }
}
