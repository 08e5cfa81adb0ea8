package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.e2e.SmallRun;
import birkhoff.transformer.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations whose lines come from a pipe. */
class ChatTest {
  @TempDir private Path folder;
  private Path run;

  @BeforeEach
  void train() throws IOException {
    run = folder.resolve("run");
    SmallRun trained = SmallRun.train(run, "--dataset=" + SmallRun.text(folder), "--max_iters=5");
    assertThat(trained.code()).as(trained.err()).isZero();
  }

  private SmallRun chat(String typed, String... options) {
    List<String> args = new ArrayList<>(List.of("chat", "--checkpoint=" + run, "--threads=1"));
    args.addAll(List.of(options));
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args.toArray(String[]::new));
    return new SmallRun(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static String sampled(Path run, String prompt, String... options) {
    List<String> args =
        new ArrayList<>(List.of("sample", "--checkpoint=" + run, "--prompt=" + prompt));
    args.addAll(List.of(options));
    return SmallRun.of(args.toArray(String[]::new)).out();
  }

  @Test
  void theModelGoesOnWithWhatWasTyped() {
    String[] options = {"--temperature=0", "--max_new_tokens=6"};
    SmallRun chat = chat("to be\n", options);
    assertThat(chat.code()).as(chat.err()).isZero();
    assertThat("to be\n" + chat.out()).isEqualTo(sampled(run, "to be\n", options));
  }

  @Test
  void theSecondTurnSeesTheFirst() {
    String[] options = {"--temperature=0", "--max_new_tokens=6"};
    String first = chat("to be\n", options).out();
    String before = "to be\n" + first.substring(0, first.length() - 1) + "or not\n";
    SmallRun both = chat("to be\nor not\n", options);
    assertThat("to be\n" + both.out().replaceFirst("(?s)^(.{6})\n", "$1or not\n"))
        .isEqualTo(sampled(run, before, options));
    SmallRun text = chat("to be\n/text\n", options);
    assertThat(text.out()).isEqualTo(first + "to be\n" + first);
  }

  @Test
  void optionsChangeOnTheWayAndMistakesAreTold() {
    SmallRun chat =
        chat(
            "/set max_new_tokens=3\n"
                + "to be\\\n"
                + "or\n"
                + "/set top_k=x\n"
                + "/set top_q=1\n"
                + "/set min_p=2\n"
                + "/nothing\n"
                + "Zürich\n"
                + "/help\n"
                + "/quit\n"
                + "not read",
            "--temperature=0",
            "--max_new_tokens=9");
    assertThat(chat.code()).isZero();
    assertThat(chat.out()).hasSize(3 + System.lineSeparator().length());
    assertThat("to be\nor\n" + chat.out())
        .isEqualTo(sampled(run, "to be\nor\n", "--temperature=0", "--max_new_tokens=3"));
    assertThat(chat.err())
        .contains("top_k='x' is not a number")
        .contains("there is no option 'top_q'")
        .contains("min_p=2.0 must be")
        .contains("there is no /nothing")
        .contains("'Z' (U+005A)")
        .contains("/reset");
  }

  @Test
  void aNewTextForgetsTheOldOne() {
    String[] options = {"--max_new_tokens=8", "--seed=4"};
    String once = chat("to be\n", options).out();
    assertThat(chat("to be\n/reset\nto be\n", options).out()).isEqualTo(once + once);
    SmallRun bad = chat("", "--temperature=-1");
    assertThat(bad.code()).isEqualTo(2);
  }
}
