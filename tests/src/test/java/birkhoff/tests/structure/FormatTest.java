package birkhoff.tests.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatTest {
  @Test
  void allSourcesAreFormatted() throws IOException {
    Path root = Sources.root();
    List<Path> files = Sources.handWritten(root);
    assertThat(files).as("Java files below " + root).hasSizeGreaterThan(10);
    assertThat(SourceFormat.unformatted(files).stream().map(root::relativize))
        .as("files that `mvn -q -N -Pformat validate` would change")
        .isEmpty();
  }

  @Test
  void aBadlyIndentedFileIsFound(@TempDir Path folder) throws IOException {
    Path bad = Files.writeString(folder.resolve("Bad.java"), "class Bad {\n    int x;\n}\n");
    Path good = Files.writeString(folder.resolve("Good.java"), "class Good {\n  int x;\n}\n");
    assertThat(SourceFormat.unformatted(List.of(bad, good))).containsExactly(bad);
  }
}
