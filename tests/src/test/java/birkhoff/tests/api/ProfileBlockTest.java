package birkhoff.tests.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of profiling one's own program works with the engine alone on its path. */
class ProfileBlockTest {
  @TempDir private Path folder;

  @Test
  void tellsBlocksOperationsAndTheUpdate() throws Exception {
    ExampleProgram program = ExampleProgram.compile("ProfileBlock", folder);
    Path file = folder.resolve("trace.json");
    String out =
        program.run(
            List.of("--add-modules", "jdk.incubator.vector", "-cp", program.classPath()),
            file.toString());
    assertThat(out)
        .containsPattern("(?m)^step +50 calls")
        .containsPattern("(?m)^backward pass +50 calls")
        .containsPattern("(?m)^linear +100 calls")
        .containsPattern("(?m)^linear backward +100 calls")
        .containsPattern("(?m)^adamW +50 calls");
    JsonNode trace = new ObjectMapper().readTree(file.toFile());
    assertThat(
            trace
                .get("traceEvents")
                .valueStream()
                .filter(e -> e.get("ph").asText().equals("X"))
                .map(e -> e.get("cat").asText())
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrder("forward", "backward", "update", "block");
  }
}
