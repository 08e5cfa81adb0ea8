package birkhoff.tests.launcher;

import static birkhoff.tests.launcher.FakeJdk.WITH_VECTOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.transformer.Jdk;
import birkhoff.transformer.JdkFinder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisabledOnOs(OS.WINDOWS)
class JdkFinderTest {
  @TempDir Path root;
  private final Map<String, String> env = new HashMap<>();
  private Path old;

  @BeforeEach
  void anOldJavaRuns() throws IOException {
    root = root.toRealPath();
    old = FakeJdk.create(root.resolve("usr/lib/jvm/java-17"), "17.0.15", WITH_VECTOR);
  }

  @Test
  void aNamedJdkIsObeyed() throws Exception {
    Path named = FakeJdk.create(root.resolve("named"), "26.0.1", WITH_VECTOR);
    env.put("JAVA_HOME", FakeJdk.create(root.resolve("other"), "25", WITH_VECTOR).toString());
    env.put(JdkFinder.HOME_VARIABLE, named.toString());
    assertThat(find().home()).isEqualTo(named);
  }

  @Test
  void aNamedFolderThatDoesNotFitIsAnError() throws IOException {
    FakeJdk.create(root.resolve("usr/lib/jvm/jdk-25"), "25.0.3", WITH_VECTOR);
    env.put(JdkFinder.HOME_VARIABLE, old.toString());
    assertThatThrownBy(this::find)
        .isInstanceOf(JdkFinder.NotFound.class)
        .hasMessageContaining("BIRKHOFF_JAVA_HOME must name")
        .hasMessageContaining("17 in " + old);
    env.put(JdkFinder.HOME_VARIABLE, root.resolve("nowhere").toString());
    assertThatThrownBy(this::find).hasMessageContaining("which is no JDK");
  }

  @Test
  void javaHomeComesBeforeThePath() throws Exception {
    Path home = FakeJdk.create(root.resolve("home"), "25.0.3", WITH_VECTOR);
    Path onPath = FakeJdk.create(root.resolve("path"), "25.0.3", WITH_VECTOR);
    env.put("PATH", onPath.resolve("bin").toString());
    assertThat(find().home()).isEqualTo(onPath);
    env.put("JAVA_HOME", home.toString());
    assertThat(find().home()).isEqualTo(home);
    env.put("JAVA_HOME", old.toString());
    assertThat(find().home()).isEqualTo(onPath);
  }

  @Test
  void linksOnThePathAreFollowed() throws Exception {
    Path jdk = FakeJdk.create(root.resolve("far/away"), "25.0.3", WITH_VECTOR);
    Path alternatives = Files.createDirectories(root.resolve("etc")).resolve("java");
    Files.createSymbolicLink(alternatives, jdk.resolve("bin/java"));
    Path bin = Files.createDirectories(root.resolve("usr/bin"));
    Files.createSymbolicLink(bin.resolve("java"), alternatives);
    env.put("PATH", root.resolve("missing") + java.io.File.pathSeparator + bin);
    assertThat(find().home()).isEqualTo(jdk);
  }

  @ParameterizedTest
  @CsvSource({
    "usr/lib/jvm/temurin-25-jdk-amd64",
    "opt/jdk-25",
    "home/.jdks/temurin-25",
    "home/.sdkman/candidates/java/25.0.3-tem",
    "Library/Java/JavaVirtualMachines/temurin-25.jdk/Contents/Home",
    "opt/homebrew/opt/openjdk/libexec/openjdk.jdk/Contents/Home",
  })
  void theUsualFoldersAreSearched(String folder) throws Exception {
    Path jdk = FakeJdk.create(root.resolve(folder), "25.0.3", WITH_VECTOR);
    assertThat(find().home()).isEqualTo(jdk);
  }

  @Test
  void theOldestThatFitsIsTaken() throws Exception {
    FakeJdk.create(root.resolve("usr/lib/jvm/a-27"), "27-ea", WITH_VECTOR);
    Path jdk = FakeJdk.create(root.resolve("usr/lib/jvm/z-25"), "25.0.3", WITH_VECTOR);
    FakeJdk.create(root.resolve("opt/jdk-26"), "26", WITH_VECTOR);
    assertThat(find().home()).isEqualTo(jdk);
  }

  @Test
  void aRuntimeWithoutTheVectorModuleIsPassedOver() throws Exception {
    Path small = FakeJdk.create(root.resolve("opt/small"), "25.0.3", "java.base jdk.jfr");
    assertThatThrownBy(this::find)
        .hasMessageContaining("25 without jdk.incubator.vector in " + small);
    Path full = FakeJdk.create(root.resolve("opt/without-list"), "25.0.3", null);
    assertThat(find().home()).isEqualTo(full);
  }

  @Test
  void withNoneTheMessageNamesTheRemedyInOneLine() {
    assertThatThrownBy(this::find)
        .isInstanceOf(JdkFinder.NotFound.class)
        .message()
        .contains("found only 17 in " + old)
        .contains("install a JDK 25")
        .contains("BIRKHOFF_JAVA_HOME")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({"25.0.3,25", "26-ea,26", "1.8.0_402,8", "25,25", "'',0", "x,0"})
  void versionsAreRead(String version, int feature) {
    assertThat(Jdk.feature(version)).isEqualTo(feature);
  }

  private Jdk find() throws JdkFinder.NotFound {
    return new JdkFinder(env, root.resolve("home"), root).find(old);
  }
}
