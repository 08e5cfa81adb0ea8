package birkhoff.tests.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.ProviderUnavailableException;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.scalar.ScalarMixedGemm;
import birkhoff.ffi.load.EmbeddedLibrary;
import birkhoff.ffi.onednn.OneDnnPlaces;
import birkhoff.tests.e2e.SmallRun;
import birkhoff.tests.support.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When oneDNN is loaded, and what is said where it cannot serve. */
class OneDnnChoiceTest {
  private static final KernelOptions ASKED = KernelOptions.DEFAULT.withBfloat16(true);

  @TempDir Path folder;

  @AfterEach
  void clear() {
    System.clearProperty(OneDnnPlaces.PROPERTY);
  }

  @Test
  void itIsNotEvenProbedForFloat32() {
    KernelTable table = KernelTable.resolve("auto", KernelOptions.DEFAULT);
    assertThat(table.probes()).doesNotContainKey("onednn");
    assertThat(table.choices()).doesNotContainKey(Role.MIXED_GEMM);
    assertThatThrownBy(table::mixedGemm)
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessageContaining("not asked for");
  }

  @Test
  void theReferenceServesOnlyByName() {
    KernelOptions off = ASKED.withOneDnn(Path.of("off"));
    assertThat(KernelTable.resolve("scalar", off).mixedGemm()).isInstanceOf(ScalarMixedGemm.class);
    assertThatThrownBy(() -> KernelTable.resolve("vector", off).mixedGemm())
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessageContainingAll("onednn", "switched off by the user");
  }

  @Test
  void everyChoiceOfFloat32KernelsKeepsTheProducts() {
    OneDnn.gemm();
    for (String kernels : new String[] {"auto", "vector", "openblas"}) {
      KernelTable table = KernelTable.resolve(kernels, ASKED);
      assertThat(table.choices().get(Role.MIXED_GEMM)).startsWith("onednn (oneDNN 3.");
      assertThatCode(table::mixedGemm).doesNotThrowAnyException();
    }
  }

  @Test
  void aWrongNameIsRefused() throws IOException {
    Path missing = folder.resolve("libnothing.so.3");
    assertThatThrownBy(() -> KernelTable.resolve("auto", ASKED.withOneDnn(missing)))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessageContainingAll("onednn", missing.toString(), "no such file");
    Path text = Files.writeString(folder.resolve("libtext.so.3"), "not a library");
    assertThatThrownBy(() -> KernelTable.resolve("auto", ASKED.withOneDnn(text)))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessageContaining("cannot open");
  }

  @Test
  void trainingStopsWithOneLineThatNamesTheRemedy() throws IOException {
    System.setProperty(OneDnnPlaces.PROPERTY, "off");
    Path text = SmallRun.text(folder);
    SmallRun run = SmallRun.train(folder.resolve("out"), "--dataset=" + text, "--dtype=bfloat16");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .hasLineCount(1)
        .contains("dtype=bfloat16 cannot train here", "switched off", "-Ponednn", "dtype=float32");
    SmallRun doctor = SmallRun.of("doctor", "--json");
    assertThat(doctor.code()).isZero();
    assertThat(doctor.out().replace(" ", ""))
        .contains("\"bfloat16\":false", "\"mixed_gemm\":\"none\"", "-Ponednn");
  }

  /** On processors that have them the library is told to overlook the instructions. */
  @Test
  void aProcessorWithoutBfloat16StopsTrainingWithOneLine() throws IOException {
    Path text = SmallRun.text(folder);
    String printed =
        ChildJvm.run(
            Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE"),
            TrainBfloat16.class,
            List.of(),
            folder.resolve("out").toString(),
            text.toString());
    assertThat(printed.lines().filter(line -> line.startsWith("exit code")))
        .containsExactly("exit code 1");
    assertThat(printed.lines().filter(line -> line.startsWith("error")))
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains("dtype=bfloat16 cannot train here", "no AVX512_BF16", "dtype=float32");
  }

  /** Tries to train and prints what came of it. */
  static final class TrainBfloat16 {
    private TrainBfloat16() {}

    public static void main(String[] args) {
      SmallRun run = SmallRun.train(Path.of(args[0]), "--dataset=" + args[1], "--dtype=bfloat16");
      System.out.println("exit code " + run.code());
      run.err().lines().forEach(line -> System.out.println("error " + line));
    }
  }

  @Test
  void theUsersFileComesFirst() {
    var environment = Map.of(OneDnnPlaces.VARIABLE, "variable");
    var both = new OneDnnPlaces(environment, "property", "/users/ada", "Linux", "amd64");
    assertThat(both.search(Optional.of("option")).user()).hasValue("option");
    assertThat(both.search(Optional.empty()).user()).hasValue("property");
    var variable = new OneDnnPlaces(environment, null, "/users/ada", "Linux", "amd64");
    assertThat(variable.search(Optional.empty()).user()).hasValue("variable");
    var none = new OneDnnPlaces(Map.of(), null, "/users/ada", "Linux", "amd64");
    assertThat(none.search(Optional.empty()).user()).isEmpty();
    assertThat(none.search(Optional.empty()).system())
        .contains(Path.of("/usr/lib/x86_64-linux-gnu/libdnnl.so.3"));
  }

  @Test
  void theChecksumsAreThoseOfTheVersionInThePom() throws IOException {
    String pom = Files.readString(Path.of(System.getProperty("birkhoff.root")).resolve("pom.xml"));
    EmbeddedLibrary embedded =
        OneDnnPlaces.here().search(Optional.empty()).embedded().orElseThrow();
    String version = embedded.artifact().split(":")[2];
    assertThat(pom).contains("<onednn.version>" + version + "</onednn.version>");
  }
}
