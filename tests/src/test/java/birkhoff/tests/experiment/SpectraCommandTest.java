package birkhoff.tests.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.tests.cli.CommandLineRun;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;

/** {@code experiment spectra} from the command line. */
class SpectraCommandTest {
  @TempDir private Path folder;

  private CommandLineRun spectra(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("experiment", "spectra", "--targets=20", "--steps=10", "--threads=2"));
    args.add("--out_dir=" + folder.resolve("out"));
    args.addAll(List.of(more));
    return CommandLineRun.of(args.toArray(String[]::new));
  }

  @Test
  void numbersHistogramsAndPageTellTheSameStory() throws Exception {
    CommandLineRun run = spectra("--json", "--closest=any");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).hasLineCount(1);
    JsonNode result = new ObjectMapper().readTree(run.out());
    Path out = folder.resolve("out");
    assertThat(new ObjectMapper().readTree(out.resolve("spectra.json").toFile())).isEqualTo(result);
    assertThat(result.get("cases")).hasSize(9);
    for (JsonNode c : result.get("cases")) {
      int d = c.get("d").asInt();
      assertThat(c.get("steps").asInt()).isEqualTo(10);
      assertThat(c.get("eigenvalues").asLong()).isEqualTo(220L * d);
      assertThat(c.get("s").isNull()).isEqualTo(!c.get("method").asText().equals("go_mhc"));
      List<String> csv = Files.readAllLines(out.resolve(c.get("csv").asText()));
      assertThat(csv.getFirst()).isEqualTo("re,im,in_region,count");
      long counted = 0;
      int inside = 0;
      int reached = 0;
      for (String line : csv.subList(1, csv.size())) {
        String[] cells = line.split(",");
        counted += Long.parseLong(cells[3]);
        inside += Integer.parseInt(cells[2]);
        reached += cells[2].equals("1") && !cells[3].equals("0") ? 1 : 0;
      }
      assertThat(counted).isEqualTo(220L * d);
      assertThat(inside).isEqualTo(c.get("cells").asInt());
      assertThat(reached).isEqualTo(c.get("cells_reached").asInt());
      assertThat(c.get("share").asDouble()).isEqualTo((double) reached / inside);
      assertThat(c.get("gap").asDouble()).isBetween(c.get("gap_mean").asDouble(), 2.0);
      String svg = Files.readString(out.resolve(c.get("svg").asText()));
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg)));
      assertThat(svg).contains("class=\"unit\"", "class=\"region\"", "<path class=\"n");
    }
    assertThat(Files.readString(out.resolve("spectra.html")))
        .contains("aria-label=\"Eigenvalues of d = 4, go_mhc, s = 2\"", "kromhc", "</html>")
        .doesNotContain("src=", "href=");
  }

  @Test
  void withoutJsonItPrintsATable() throws IOException {
    CommandLineRun run = spectra("--d=4", "--methods=kromhc", "--closest=any");
    assertThat(run.code()).isZero();
    assertThat(run.outLines()).hasSize(3);
    assertThat(run.outLines().getFirst()).startsWith("d  method").endsWith("seconds");
    assertThat(run.outLines().get(1)).startsWith("4  kromhc       any");
    assertThat(run.outLines().get(2)).startsWith("report: ");
    try (var files = Files.list(folder.resolve("out"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "spectra.json", "spectra.html", "histogram-d4-kromhc.csv", "histogram-d4-kromhc.svg");
    }
  }

  @Test
  void theMapIsAChoice() {
    String[] few = {"--d=3", "--methods=go_mhc", "--s=1", "--closest=free", "--json"};
    String exp = spectra(few).out();
    CommandLineRun cayley =
        spectra("--d=3", "--methods=go_mhc", "--s=1", "--closest=free", "--json", "--map=cayley");
    assertThat(cayley.code()).isZero();
    assertThat(cayley.out()).contains("\"map\":\"cayley\"");
    assertThat(exp).contains("\"map\":\"exp\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--d=5 | d=5 must be between 3 and 4: only there the region is known",
        "--d=x | d=x must be integers or ranges, separated by commas, such as 2,4-8",
        "--methods=, | methods is empty; leave it out for the default, see --help",
        "--d=, | d is empty; leave it out for the default, see --help",
        "--s=0 | s=0 must be between 1 and 4: sizes are positive, and larger ones take long",
        "--methods=hc | methods=hc must be one of go_mhc, mhc_lite, kromhc, mhc",
        "--map=svd | map=svd must be one of exp, cayley",
        "--closest=far | closest=far must be one of any, free",
        "--targets=0 | targets=0 must be between 1 and 10000000: a thousand give a picture",
        "--steps=-1 | steps=-1 must be between 0 and 1000000: 0 takes the paper's",
        "--seeds=1 | unknown key 'seeds'; did you mean 'seed'?"
      })
  void badValuesAreNamed(String option, String message) {
    CommandLineRun run = spectra(option);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("birkhoff: " + message + System.lineSeparator());
    assertThat(run.out()).isEmpty();
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void kroneckerProductsNeedFourStreams() {
    CommandLineRun run = spectra("--d=3", "--methods=kromhc");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("methods=kromhc has no matrices with d=3: kromhc needs --d=4");
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Path file = Files.createFile(folder.resolve("out"));
    CommandLineRun run = spectra();
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("out_dir=" + file + " is a file; name a folder");
  }
}
