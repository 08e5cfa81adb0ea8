package birkhoff.tests.launcher;

import static birkhoff.tests.launcher.FakeJdk.WITH_VECTOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.transformer.JdkFinder;
import birkhoff.transformer.JvmOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script, in a tree of its own, with a JDK and a Maven that only say how they were called. */
@DisabledOnOs(OS.WINDOWS)
class ShellLauncherTest {
  private static final String JAVA =
      "#!/bin/sh\necho 'WARNING: Using incubator modules: jdk.incubator.vector' >&2\n"
          + "printf 'bar\\r' >&2\nfor a in \"$@\"; do echo \"$a\"; done\n"
          // As the real one: it ends after the filter that its errors pass.
          + "for a in \"$@\"; do case $a in -Dbirkhoff.stderr.filter=*) f=${a#*=} ;; esac; done\n"
          + "exec 2>/dev/null\nwhile kill -0 \"$f\"; do sleep 0.05; done\nexit 42\n";

  private static final String FILTER = "-Dbirkhoff.stderr.filter=";

  @TempDir Path root;
  private final Map<String, String> env = new HashMap<>();
  private Path script;
  private Path jar;

  @BeforeEach
  void aBuiltTree() throws Exception {
    root = root.toRealPath();
    Path original = Path.of(System.getProperty("birkhoff.root")).resolve("birkhoff");
    Path tree = Files.createDirectories(root.resolve("a tree"));
    script = FakeJdk.script(tree.resolve("birkhoff"), Files.readString(original));
    for (String source : List.of("pom.xml", "engine/src/A.java", "transformer/src/B.java")) {
      Files.createDirectories(tree.resolve(source).getParent());
      Files.writeString(tree.resolve(source), "");
    }
    jar = tree.resolve("transformer/target/birkhoff.jar");
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, "");
    Path jdk = FakeJdk.create(root.resolve("jdk"), "25.0.3", WITH_VECTOR, JAVA);
    env.put(JdkFinder.HOME_VARIABLE, jdk.toString());
    env.put("PATH", tools().toString());
  }

  @Test
  void theJvmGetsTheOptionsOfTheJar() throws Exception {
    env.put(JvmOptions.USER_VARIABLE, "-Xmx256m -Dstar=*");
    Run run = run("train", "--prompt=a b", "*");
    List<String> expected = new ArrayList<>(JvmOptions.fixed());
    expected.add(JvmOptions.maxDirectMemory());
    expected.add("-Dbirkhoff.stderr.terminal=false");
    run.out().lines().filter(line -> line.matches(FILTER + "\\d+")).forEach(expected::add);
    assertThat(expected).last().asString().startsWith(FILTER);
    expected.addAll(List.of("-Xmx256m", "-Dstar=*", "-cp", jar.toString()));
    expected.add("birkhoff.transformer.cli.Main");
    expected.addAll(List.of("train", "--prompt=a b", "*"));
    assertThat(run.out().lines()).containsExactlyElementsOf(expected);
  }

  @Test
  void exitCodeAndErrorsComeThroughWithoutTheIncubatorLine() throws Exception {
    Run run = run();
    assertThat(run.code()).isEqualTo(42);
    assertThat(run.err()).isEqualTo("bar\r");
  }

  @Test
  void nothingIsWrittenAfterTheEnd() throws Exception {
    Path real = Path.of(System.getProperty("birkhoff.jar"));
    assumeTrue(Files.exists(real), "no " + real + ": run mvn verify");
    Files.copy(real, jar, StandardCopyOption.REPLACE_EXISTING);
    env.put(JdkFinder.HOME_VARIABLE, System.getProperty("java.home"));
    Path cat = root.resolve("tools/cat");
    Files.writeString(cat, Files.readString(cat).replace("exec", "sleep 1\nexec"));
    Path errors = root.resolve("errors");
    var builder = new ProcessBuilder(script.toString(), "nosuch").redirectError(errors.toFile());
    builder.environment().putAll(env);
    assertThat(builder.start().waitFor()).isEqualTo(2);
    assertThat(errors).content().contains("unknown command 'nosuch'").hasLineCount(1);
  }

  @Test
  void itWorksThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(root.resolve("link"), Path.of("a tree/birkhoff"));
    assertThat(Run.of(env, List.of(link.toString())).out()).contains(jar.toString());
  }

  @Test
  void javaHomeAndThePathAreSearched() throws Exception {
    env.put("JAVA_HOME", env.remove(JdkFinder.HOME_VARIABLE));
    assertThat(run().code()).isEqualTo(42);
    Path elsewhere = Files.createDirectories(root.resolve("bin"));
    Files.createSymbolicLink(elsewhere.resolve("java"), root.resolve("jdk/bin/java"));
    env.remove("JAVA_HOME");
    env.put("PATH", elsewhere + ":" + env.get("PATH"));
    assertThat(run().code()).isEqualTo(42);
  }

  @Test
  void aNamedJdkThatDoesNotFitIsAnError() throws Exception {
    for (String modules : List.of("java.base", WITH_VECTOR)) {
      String version = modules.equals("java.base") ? "25" : "17.0.1";
      Path home = FakeJdk.create(root.resolve("old " + version), version, modules, JAVA);
      env.put(JdkFinder.HOME_VARIABLE, home.toString());
      Run run = run();
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).startsWith("birkhoff: BIRKHOFF_JAVA_HOME must name").hasLineCount(1);
    }
  }

  @Test
  void aMissingJarWithoutMavenIsOneClearLine() throws Exception {
    Files.delete(jar);
    Run run = run();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no 'mvn'").contains("install Apache Maven").hasLineCount(1);
  }

  @Test
  void aJarOlderThanASourceIsBuiltWithTheSameJdk() throws Exception {
    FakeJdk.script(
        root.resolve("tools/mvn"),
        "#!/bin/sh\necho \"built by $JAVA_HOME\"\ntouch '" + jar + "'\n");
    assertThat(run().err()).doesNotContain("built");
    Files.setLastModifiedTime(jar, java.nio.file.attribute.FileTime.fromMillis(0));
    Run run = run();
    assertThat(run.code()).isEqualTo(42);
    assertThat(run.err()).contains("birkhoff: building").contains("built by " + root + "/jdk");
    assertThat(run.out()).doesNotContain("built");
    assertThat(run().err()).doesNotContain("built");
  }

  @Test
  void aFailedBuildEndsIt() throws Exception {
    FakeJdk.script(root.resolve("tools/mvn"), "#!/bin/sh\nexit 1\n");
    Files.delete(jar);
    Run run = run();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("the build failed");
  }

  private Run run(String... args) throws Exception {
    var command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(args));
    return Run.of(env, command);
  }

  /** A folder with the standard tools that the script uses, and neither Java nor Maven. */
  private Path tools() throws Exception {
    Path folder = Files.createDirectories(root.resolve("tools"));
    for (String tool :
        List.of(
            "sh",
            "cat",
            "dirname",
            "find",
            "grep",
            "head",
            "mkfifo",
            "mktemp",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "touch",
            "tr")) {
      Run found = Run.of(Map.of(), List.of("sh", "-c", "command -v " + tool));
      FakeJdk.script(folder.resolve(tool), "#!/bin/sh\nexec " + found.out().trim() + " \"$@\"\n");
    }
    return folder;
  }
}
