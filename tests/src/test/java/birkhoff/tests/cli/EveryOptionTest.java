package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.support.Campaign;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every command and every option, with values that are good, bad, missing and misspelt. */
class EveryOptionTest {
  private static final Pattern OPTION = Pattern.compile("^ +(?:-\\w, )?--([a-z][a-z_0-9]*)");
  private static final List<String> BAD =
      List.of("", "zzz", "-1", "0x10", "1e400", "NaN", "99999999999999999999", "true false", "Ω");

  @TempDir private Path folder;

  private static List<String> commands() {
    List<String> names = new ArrayList<>();
    boolean listed = false;
    for (String line : CommandLineRun.of("--help").outLines()) {
      listed |= line.startsWith("Commands:");
      Matcher name = Pattern.compile("^  (\\w+) +\\w").matcher(line);
      if (listed && name.find()) {
        names.add(name.group(1));
      }
    }
    names.remove("experiment");
    for (String experiment : new String[] {"synthetic", "spectra", "residuals"}) {
      names.add("experiment " + experiment);
    }
    assertThat(names).contains("train", "chat", "import", "experiment residuals");
    return names;
  }

  private static CommandLineRun run(String command, String... more) {
    List<String> all = new ArrayList<>(List.of(command.split(" ")));
    all.addAll(List.of(more));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static Set<String> options(String command) {
    Set<String> options = new TreeSet<>();
    for (String line : run(command, "--help").outLines()) {
      Matcher option = OPTION.matcher(line);
      if (option.find()) {
        options.add(option.group(1));
      }
    }
    assertThat(options).as(command).contains("help");
    return options;
  }

  @TestFactory
  Stream<DynamicTest> everyOptionOfEveryCommandMayHaveDashesAndIsNamedWhenMisspelt() {
    List<String> commands = commands();
    return commands.stream()
        .map(command ->
            dynamicTest(
                command,
                () ->
                    options(command)
                        .forEach(option -> {
                          // Misspelt: the nearest is named.
                          CommandLineRun wrong = run(command, "--" + option + "q=1");
                          if (wrong.err().contains("Missing required parameter")) {
                            wrong = run(command, "something", "--" + option + "q=1");
                          }
                          assertThat(wrong.code()).as("%s --%sq", command, option).isEqualTo(2);
                          assertThat(wrong.err())
                              .hasLineCount(1)
                              .contains("unknown key '" + option + "q'");
                          assertThat(wrong.err()).contains("did you mean '");
                          // Dashes are underscores.
                          if (option.contains("_")) {
                            // With the help text nothing is run.
                            CommandLineRun dashed =
                                run(command, "--" + option.replace('_', '-'), "--help");
                            assertThat(dashed.err()).doesNotContain("unknown key");
                          }
                        })));
  }

  @Test
  void everyKeyTakesItsDefaultAndRefusesOtherThings() {
    String help = run("train", "--help").out();
    int taken = 0;
    int refused = 0;
    for (Key<?> key : Keys.all().values()) {
      String name = key.name();
      new RunConfigBuilder().set(name, String.valueOf(key.fallback()), "option");
      for (String value : BAD) {
        try {
          new RunConfigBuilder().set(name, value, "option");
          taken++;
          continue;
        } catch (UsageException e) {
          refused++;
        }
        CommandLineRun run = run("train", "--" + name + "=" + value);
        String what = "--" + name + "=" + value + " gives " + run.code() + ": " + run.err();
        assertThat(run.code()).as(what).isEqualTo(2);
        assertThat(run.err()).as(what).startsWith("birkhoff: ").contains(name).hasLineCount(1);
        assertThat(run.err()).as(what).doesNotContain("Exception");
        assertThat(run.out()).as(what).isEmpty();
      }
      assertThat(help).contains("--" + name);
    }
    assertThat(refused).isGreaterThan(2 * Keys.all().size());
    Campaign.ran(
        "options", "%d keys, %d values taken, %d refused", Keys.all().size(), taken, refused);
  }

  @TestFactory
  Stream<DynamicTest> dataOfAFewBytes() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    byte[][] contents = {{}, {'a'}, {'a', 'b'}, {(byte) 0xff}, {(byte) 0xc3}, {0}, {'\r', '\n'}};
    for (int i = 0; i < contents.length; i++) {
      Path text = Files.write(folder.resolve("few-" + i), contents[i]);
      for (String tokenizer : new String[] {"char", "byte", "gpt2", "bpe:300"}) {
        String name = text.getFileName() + " " + tokenizer;
        tests.add(
            dynamicTest(
                name,
                () -> {
                  SmallRun train =
                      SmallRun.train(
                          folder.resolve("out"),
                          "--dataset=" + text,
                          "--tokenizer=" + tokenizer,
                          "--max_iters=1");
                  assertThat(train.code()).as(train.err()).isEqualTo(4);
                  assertThat(train.err()).hasLineCount(1).contains("few-");
                  CommandLineRun prepare =
                      run(
                          "prepare",
                          "--input=" + text,
                          "--out=" + folder.resolve("data"),
                          "--tokenizer=" + tokenizer);
                  assertThat(prepare.code()).as(prepare.err()).isIn(0, 4);
                  assertThat(prepare.err()).doesNotContain("Exception");
                }));
      }
    }
    return tests.stream();
  }

  @Test
  void carriageReturnsAreCharactersLikeOthers() throws IOException {
    String text = Files.readString(SmallRun.text(folder));
    Path windows = Files.writeString(folder.resolve("windows.txt"), text.replace("\n", "\r\n"));
    Path toml = folder.resolve("run.toml");
    Files.writeString(toml, "n_layer = 1\r\nmax_iters = 2\r\n# ein Kommentar äöü\r\n");
    Path out = folder.resolve("out");
    SmallRun run = SmallRun.train(out, "--dataset=" + windows, "--config=" + toml);
    assertThat(run.code()).as(run.err()).isZero();
    CommandLineRun info = run("info", out.toString(), "--json");
    assertThat(info.code()).as(info.err()).isZero();
    CommandLineRun sample =
        run("sample", "--checkpoint=" + out, "--prompt=to\r\nbe", "--max_new_tokens=3");
    assertThat(sample.code()).as(sample.err()).isZero();
  }
}
