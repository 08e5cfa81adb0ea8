package birkhoff.tests.e2e;

import birkhoff.transformer.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a command on a very small model did.
 *
 * @param code exit code
 * @param out standard output
 * @param err standard error
 */
public record SmallRun(int code, String out, String err) {
  private static final List<String> MODEL =
      List.of(
          "--n_layer=2",
          "--n_head=2",
          "--n_embd=16",
          "--block_size=8",
          "--batch_size=3",
          "--eval_iters=2",
          "--sample_interval=0",
          "--warmup_iters=2",
          "--threads=2");

  /** Runs any command. */
  public static SmallRun of(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args);
    return new SmallRun(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Trains a small model. */
  public static SmallRun train(Path outDir, String... more) {
    return of(trainArguments(outDir, more).toArray(String[]::new));
  }

  /** The arguments of {@link #train}. */
  public static List<String> trainArguments(Path outDir, String... more) {
    List<String> args = new ArrayList<>(List.of("train", "--out_dir=" + outDir));
    args.addAll(MODEL);
    args.addAll(List.of(more));
    return args;
  }

  /** A text of some hundred words. */
  public static Path text(Path folder) throws IOException {
    var text = new StringBuilder();
    String[] words = "to be or not that is the question whether nobler in mind".split(" ");
    for (int i = 0; i < 400; i++) {
      text.append(words[i * i * 7 % 31 % words.length]).append(i % 9 == 0 ? "\n" : " ");
    }
    return Files.writeString(folder.resolve("text.txt"), text);
  }

  /** The lines of standard output. */
  public List<String> outLines() {
    return out.lines().toList();
  }
}
