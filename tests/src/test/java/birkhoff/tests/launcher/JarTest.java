package birkhoff.tests.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import birkhoff.transformer.Jdk;
import birkhoff.transformer.JdkFinder;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executable JAR itself, in JVMs of its own. {@code mvn test} builds none: it is skipped. */
class JarTest {
  private final Path jar = Path.of(System.getProperty("birkhoff.jar"));

  @BeforeEach
  void isBuilt() {
    assumeTrue(Files.exists(jar), "no " + jar + ": run mvn verify");
  }

  @Test
  void itStartsAJvmWithTheVectorModule() throws Exception {
    Run run = Run.of(Map.of(), Run.java("-jar", jar.toString(), "--version"));
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("birkhoff ");
    assertThat(run.code()).isZero();
  }

  @Test
  void withTheModuleItRunsInProcess() throws Exception {
    // A folder that is no JDK would be an error if one were searched for.
    Run run =
        Run.of(
            Map.of(JdkFinder.HOME_VARIABLE, "nowhere"),
            Run.java("--add-modules", "jdk.incubator.vector", "-jar", jar.toString(), "--version"));
    assertThat(run.out()).startsWith("birkhoff ");
    assertThat(run.code()).isZero();
  }

  @Test
  void argumentsAreUtf8InAnyLocale() throws Exception {
    for (String locale : List.of("C", "C.UTF-8")) {
      Run run =
          Run.of(
              Map.of("LC_ALL", locale),
              List.of(
                  "sh",
                  "-c",
                  // The shell makes the bytes: this JVM's locale may not be UTF-8 either.
                  "exec \"$0\" -jar \"$1\" tokenize --tokenizer=byte \"$(printf 'h\\303\\251?')\"",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  jar.toString()));
      assertThat(run.out()).as(run.err()).endsWith("104 195 169 63\n");
    }
  }

  @Test
  void filesOfAnyNameAreOpenedInAnyLocale(@TempDir Path folder) throws Exception {
    for (String locale : List.of("C", "C.UTF-8")) {
      Run run =
          Run.of(
              Map.of("LC_ALL", locale),
              List.of(
                  "sh",
                  "-c",
                  "d=\"$2/$(printf 'h\\303\\251')-$LC_ALL\"; mkdir \"$d\"; seq 200 > \"$d/text\";"
                      + " exec \"$0\" -jar \"$1\" prepare --tokenizer=byte --input=\"$d/text\""
                      + " --out=\"$d/out\"",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  jar.toString(),
                  folder.toString()));
      assertThat(run.code()).as(run.err()).isZero();
    }
  }

  @Test
  void anOlderJavaStartsANewerOne() throws Exception {
    Optional<Jdk> old = olderJava();
    assumeTrue(old.isPresent(), "no Java from 8 to 24 on this machine");
    Run run =
        Run.of(
            Map.of(JdkFinder.HOME_VARIABLE, System.getProperty("java.home")),
            List.of(old.get().java().toString(), "-jar", jar.toString(), "--version"));
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Java " + Runtime.version().feature());
    assertThat(run.code()).isZero();
  }

  @Test
  void usageErrorsKeepTheirExitCode() throws Exception {
    Run run = Run.of(Map.of(), Run.java("-jar", jar.toString(), "no_such_command"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no_such_command").hasLineCount(1);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void withoutAFittingJavaItSaysWhatToDo(@TempDir Path empty) throws Exception {
    Run run =
        Run.of(
            Map.of(JdkFinder.HOME_VARIABLE, empty.toString()),
            Run.java("-jar", jar.toString(), "--version"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("birkhoff: BIRKHOFF_JAVA_HOME must name").hasLineCount(1);
  }

  @Test
  void theUsersOptionsReachTheJvm() throws Exception {
    Run run =
        Run.of(
            Map.of("BIRKHOFF_JAVA_OPTS", "-XX:NoSuchOption=1"),
            Run.java("-jar", jar.toString(), "--version"));
    assertThat(run.code()).isNotZero();
    assertThat(run.err() + run.out()).contains("NoSuchOption");
  }

  @Test
  void itHoldsTheLicencesAndTheLauncherForJava8() throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      for (String name : List.of("LICENSE", "NOTICE", "licenses/OpenBLAS.txt")) {
        assertThat(file.getEntry("META-INF/" + name)).as(name).isNotNull();
      }
      assertThat(file.stream().map(e -> e.getName()))
          .noneMatch(name -> name.endsWith("module-info.class") || name.endsWith(".SF"));
      assertThat(file.getManifest().getMainAttributes().getValue("Main-Class"))
          .isEqualTo("birkhoff.transformer.Start");
      List<String> launcher =
          file.stream()
              .map(e -> e.getName())
              .filter(name -> name.matches("birkhoff/transformer/[^/]+\\.class"))
              .toList();
      assertThat(launcher).contains("birkhoff/transformer/Start.class");
      for (String name : launcher) {
        assertThat(majorVersion(file, name)).as(name).isEqualTo(52);
      }
    }
  }

  private static int majorVersion(JarFile file, String name) throws IOException {
    try (var in = new DataInputStream(file.getInputStream(file.getEntry(name)))) {
      in.readInt();
      in.readUnsignedShort();
      return in.readUnsignedShort();
    }
  }

  private static Optional<Jdk> olderJava() throws IOException {
    var homes = new ArrayList<Path>();
    for (Path folder : List.of(Path.of("/usr/lib/jvm"), Path.of("/opt"))) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> entries = Files.list(folder)) {
          entries.forEach(homes::add);
        }
      }
    }
    return homes.stream()
        .map(Jdk::at)
        .filter(Objects::nonNull)
        .filter(jdk -> jdk.feature() >= 8 && jdk.feature() < Jdk.OLDEST)
        .findFirst();
  }
}
