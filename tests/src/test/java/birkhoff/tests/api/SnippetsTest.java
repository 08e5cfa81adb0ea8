package birkhoff.tests.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import birkhoff.engine.Engine;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every piece of Java in the README, the documents and our Javadoc compiles and runs. */
class SnippetsTest {
  private static final Path ROOT = Path.of(System.getProperty("birkhoff.root", ""));
  private static final Pattern MARKDOWN = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern JAVADOC =
      Pattern.compile("<pre>\\{@code\n(.*?)\n +\\* }</pre>", Pattern.DOTALL);

  /** What a reader would have around a piece. */
  private static final String PROGRAM =
      """
      import birkhoff.engine.*;
      import birkhoff.engine.autograd.*;
      import birkhoff.engine.memory.*;
      import birkhoff.engine.op.*;
      import birkhoff.engine.profile.*;
      import birkhoff.engine.tensor.*;
      import java.nio.file.Path;
      import java.util.*;

      public class Snippet {
        static final Engine engine = Engine.create(EngineConfig.defaults().withThreads(1));
        static final Workspace workspace = engine.workspace("step");
        static final Tensor ids = engine.tensor(new float[] {1, 2}, 2);
        static final Tensor targets = engine.tensor(new float[] {3, 5}, 2);
        static final Tape tape = engine.tape(workspace);
        static final Model model = new Model();

        static class Model {
          Tensor loss(Ops ops, Tensor x, Tensor y) {
            return ops.mean(ops.square(ops.sub(x, y)));
          }
        }

        static void trainOneStep() {
          Tape own = engine.tape(workspace);
          own.watch(ids);
          own.backward(model.loss(own.ops(), ids, targets));
        }

        public static void main(String[] arguments) throws Exception {
          tape.watch(ids);
          PIECE
          System.out.println("done");
        }
      }
      """;

  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> everyPieceRuns() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file : files.filter(SnippetsTest::isOurs).sorted().toList()) {
        boolean markdown = file.toString().endsWith(".md");
        Matcher piece = (markdown ? MARKDOWN : JAVADOC).matcher(Files.readString(file));
        while (piece.find()) {
          String code = piece.group(1);
          // Javadoc's lines begin with a star.
          String java = markdown ? code : code.replaceAll("(?m)^ *\\* ?", "");
          tests.add(dynamicTest(ROOT.relativize(file) + " " + tests.size(), () -> run(java)));
        }
      }
    }
    assertThat(tests).hasSizeGreaterThanOrEqualTo(3);
    return tests.stream();
  }

  private static boolean isOurs(Path file) {
    String path = ROOT.relativize(file).toString();
    return !path.contains("target/")
        && !path.contains("/gen/")
        && (path.matches("(README|CHANGELOG)\\.md|docs/.*\\.md")
            || path.matches("(engine|ffi|transformer)/src/main/java/.*\\.java"));
  }

  private void run(String code) throws Exception {
    Path source = folder.resolve("Snippet.java");
    Files.writeString(source, PROGRAM.replace("PIECE", code));
    Path engine = Path.of(Engine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var messages = new StringWriter();
      List<String> options = List.of("-d", folder.toString(), "-cp", engine.toString());
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      assertThat(compiled).as(messages + "\n" + code).isTrue();
    }
    var program = new ExampleProgram("Snippet", folder, engine);
    List<String> options =
        List.of("--add-modules", "jdk.incubator.vector", "-cp", program.classPath());
    assertThat(program.run(options)).contains("done");
  }
}
