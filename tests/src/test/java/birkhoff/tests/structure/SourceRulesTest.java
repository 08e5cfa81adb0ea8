package birkhoff.tests.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is read from the text of the sources: their size, and what they must not mention. */
class SourceRulesTest {
  private static final int MEDIAN = 120;
  private static final int NINETY_PERCENT = 300;
  private static final int LARGEST = 500;

  /** A folder of one person or one machine. */
  private static final Pattern LOCAL_PATH =
      Pattern.compile("(?<![\\w.}])/(work|home/[a-z]+|Users/[a-z]+|root|tmp)(/|\\b(?=[\"'`]))");

  private static final List<String> TEXT =
      List.of(".java", ".xml", ".md", ".toml", ".sh", ".json", ".properties");

  @Test
  void filesAreSmall() throws IOException {
    Path root = Sources.root();
    List<Path> files = Sources.handWritten(root);
    assertThat(files).hasSizeGreaterThan(10);
    var large = new ArrayList<String>();
    int[] lines = new int[files.size()];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = Files.readAllLines(files.get(i)).size();
      if (lines[i] > LARGEST) {
        large.add(root.relativize(files.get(i)) + ": " + lines[i]);
      }
    }
    Arrays.sort(lines);
    assertThat(large).as("files over " + LARGEST + " lines").isEmpty();
    assertThat(lines[lines.length / 2]).as("median of lines per file").isLessThanOrEqualTo(MEDIAN);
    assertThat(lines[(lines.length * 9 - 1) / 10])
        .as("lines per file, nine of ten files")
        .isLessThanOrEqualTo(NINETY_PERCENT);
  }

  /** The first {@code java} on a PATH may be old although Maven itself runs on one that fits. */
  @Test
  void theBuildRunsNoJavaOfThePath() throws IOException {
    Path root = Sources.root();
    for (String pom : List.of("pom.xml", "engine/pom.xml")) {
      assertThat(Files.readString(root.resolve(pom)))
          .as(pom)
          .contains("<executable>${build.java}</executable>")
          .doesNotContain("<executable>java</executable>");
    }
  }

  @Test
  void nothingNamesOneMachine() throws IOException {
    var found = new ArrayList<String>();
    for (Path file : texts(Sources.root())) {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      for (int i = 0; i < lines.size(); i++) {
        if (LOCAL_PATH.matcher(lines.get(i)).find()) {
          found.add(Sources.root().relativize(file) + ":" + (i + 1) + ": " + lines.get(i).trim());
        }
      }
    }
    assertThat(found).as("paths that exist on one machine only").isEmpty();
  }

  @Test
  void localPathsAreTold() {
    for (String folder : List.of("work", "home/ann", "Users/ann", "root", "tmp")) {
      assertThat("\"/" + folder + "/x\"").containsPattern(LOCAL_PATH);
    }
    assertThat("see docs/work/x and ${a}/root/x, /usr/lib/jvm").doesNotContainPattern(LOCAL_PATH);
  }

  private static List<Path> texts(Path root) throws IOException {
    var texts = new ArrayList<Path>();
    for (String folder : List.of("engine", "ffi", "transformer", "tests", "perf", "docs")) {
      if (Files.isDirectory(root.resolve(folder))) {
        try (Stream<Path> walk = Files.walk(root.resolve(folder))) {
          walk.filter(f -> !root.relativize(f).toString().contains("target"))
              .filter(f -> TEXT.stream().anyMatch(f.toString()::endsWith))
              .forEach(texts::add);
        }
      }
    }
    for (String name : List.of("pom.xml", "README.md", "NOTICE", "birkhoff", ".ci/run")) {
      if (Files.exists(root.resolve(name))) {
        texts.add(root.resolve(name));
      }
    }
    return texts;
  }
}
