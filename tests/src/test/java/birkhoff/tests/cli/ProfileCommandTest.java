package birkhoff.tests.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileCommandTest {
  @TempDir private Path folder;

  private CommandLineRun profile(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "profile",
                "--n_layer=1",
                "--n_head=2",
                "--n_embd=16",
                "--block_size=8",
                "--batch_size=2",
                "--warmup=1",
                "--steps=2",
                "--out_dir=" + folder.resolve("out")));
    args.addAll(List.of(more));
    return CommandLineRun.of(args.toArray(String[]::new));
  }

  @Test
  void theTableTheTraceAndThePageTellTheSameStory() throws IOException {
    CommandLineRun run = profile("--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).hasLineCount(1);
    JsonNode result = new ObjectMapper().readTree(run.out());
    double inside = 0;
    List<String> boxing = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (JsonNode o : result.get("operations")) {
      inside += o.get("ms_per_step").asDouble() * 2;
      names.add(o.get("name").asText());
      assertThat(o.get("of_roofline").asDouble()).isNotNegative();
      assertThat(o.get("heap_bytes_per_step").asDouble()).isNotNegative();
      if (o.get("boxes").asBoolean()) {
        boxing.add(names.getLast());
      }
    }
    assertThat(result.get("warnings")).hasSize(boxing.isEmpty() ? 0 : 1);
    boxing.forEach(
        name -> assertThat(result.get("warnings").get(0).asText()).contains(name + " ("));
    assertThat(names)
        .contains(
            "linear", "linear backward", "causalAttention", "streamRead", "adamW", "gradientNorm");
    assertThat(inside + 2 * result.get("outside_ms_per_step").asDouble())
        .isGreaterThanOrEqualTo(2 * result.get("ms_min").asDouble());
    assertThat(result.get("limits").get("fma_gflops").asDouble()).isPositive();
    assertThat(result.get("limits").get("read")).hasSize(4);

    JsonNode trace = new ObjectMapper().readTree(Path.of(result.get("trace").asText()).toFile());
    assertThat(trace.get("traceEvents").size()).isGreaterThan(2 * names.size());
    String page = Files.readString(Path.of(result.get("report").asText()));
    assertThat(page)
        .contains("aria-label=\"Timeline of one step\"", "aria-label=\"Roofline\"", "</html>")
        .doesNotContain("src=", "href=");
    names.forEach(name -> assertThat(page).contains(name));
  }

  @Test
  void accumulationHasARowOfItsOwn() throws IOException {
    CommandLineRun run = profile("--gradient_accumulation_steps=2", "--json");
    JsonNode result = new ObjectMapper().readTree(run.out());
    for (JsonNode o : result.get("operations")) {
      if (o.get("name").asText().equals("gradientSum")) {
        assertThat(o.get("calls_per_step").asDouble()).isEqualTo(2);
        assertThat(o.get("mb_per_step").asDouble()).isPositive();
        return;
      }
    }
    throw new AssertionError("no row gradientSum in " + run.out());
  }

  @Test
  void countersAreShownOrTheReasonWhyNot() throws IOException {
    JsonNode counters =
        new ObjectMapper().readTree(profile("--counters", "--json").out()).get("counters");
    assertThat(counters.get("problem").asText().isEmpty())
        .isEqualTo(counters.get("events").size() > 0);
    assertThat(profile("--counters").out()).contains("hardware counters");
  }

  @Test
  void scalingComparesOneThreadWithSeveral() throws IOException {
    String[] model = {
      "--n_layer=1", "--n_head=2", "--n_embd=16", "--block_size=8", "--batch_size=2"
    };
    List<String> args = new ArrayList<>(List.of("bench", "--scaling", "--steps=3", "--warmup=1"));
    args.addAll(List.of(model));
    args.add("--threads=2");
    CommandLineRun run = CommandLineRun.of(args.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("alternately", "multiply-add loop");
    args.add("--json");
    JsonNode result =
        new ObjectMapper().readTree(CommandLineRun.of(args.toArray(String[]::new)).out());
    for (String name : List.of("scaling", "scaling_of_minima", "fma_scaling", "relative_to_fma")) {
      assertThat(result.get(name).asDouble()).as(name).isPositive();
    }
    args.add("--threads=1");
    assertThat(CommandLineRun.of(args.toArray(String[]::new)).code()).isEqualTo(2);
  }

  @Test
  void withoutJsonItPrintsATable() {
    CommandLineRun run = profile();
    assertThat(run.code()).isZero();
    assertThat(run.outLines().getFirst()).startsWith("operation").endsWith("heap KB");
    assertThat(run.out()).contains("linear backward", "limits with", "report: ");
  }
}
