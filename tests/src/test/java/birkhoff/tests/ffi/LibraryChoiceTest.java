package birkhoff.tests.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.ProviderUnavailableException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.kernel.KernelOptions;
import birkhoff.engine.kernel.KernelProvider;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.kernel.Probe;
import birkhoff.engine.kernel.Role;
import birkhoff.engine.kernel.vector.Lanes;
import birkhoff.ffi.load.LoadOutcome;
import birkhoff.ffi.load.LoadReport;
import birkhoff.ffi.openblas.OpenBlasInfo;
import birkhoff.ffi.openblas.OpenBlasInfo.Threading;
import birkhoff.ffi.openblas.OpenBlasPlaces;
import birkhoff.ffi.openblas.OpenBlasProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the user names is used or refused with its reason, inside this JVM. */
class LibraryChoiceTest {
  @TempDir Path folder;

  @Test
  void theProviderIsFoundAndServesProducts() {
    KernelTable table = KernelTable.resolve("openblas", KernelOptions.DEFAULT);
    assertThat(table.choices().get(Role.GEMM)).startsWith("openblas (OpenBLAS ");
    assertThat(ServiceLoader.load(KernelProvider.class))
        .filteredOn(p -> p.name().equals("openblas"))
        .hasSize(1);
  }

  @Test
  void theTableNamesWhoMultipliesAShape() {
    GemmShape few = GemmShape.of(false, true, 1, 64, 64);
    GemmShape small = GemmShape.of(false, true, 128, 64, 64);
    GemmShape large = GemmShape.of(false, true, 4096, 64, 64);
    KernelTable auto = KernelTable.resolve("auto", KernelOptions.DEFAULT);
    assertThat(auto.gemmProvider(few)).isEqualTo("vector");
    assertThat(auto.gemmProvider(small)).isEqualTo("openblas");
    assertThat(auto.gemmProvider(large)).isEqualTo(Lanes.LENGTH == 16 ? "vector" : "openblas");
    assertThat(KernelTable.resolve("vector", KernelOptions.DEFAULT).gemmProvider(small))
        .isEqualTo("vector");
    var off = new KernelOptions(Optional.of(Path.of("off")));
    assertThat(KernelTable.resolve("auto", off).gemmProvider(small)).isEqualTo("vector");
  }

  @Test
  void theInfoTellsVersionCoreAndThreads() {
    var provider = new OpenBlasProvider();
    assertThat(provider.info()).isEmpty();
    assertThat(provider.probe(KernelOptions.DEFAULT).available()).isTrue();
    OpenBlasInfo info = provider.info().orElseThrow();
    assertThat(info.version()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(info.core()).isNotBlank();
    assertThat(info.threads()).isEqualTo(1);
    assertThat(info.threading()).isEqualTo(Threading.PTHREADS);
  }

  @Test
  void offMeansNone() {
    assertThat(load("off")).isEqualTo(LoadOutcome.DISABLED);
    var options = new KernelOptions(Optional.of(Path.of("off")));
    Probe probe = new OpenBlasProvider().probe(options);
    assertThat(probe.available()).isFalse();
    assertThat(probe.refused()).isFalse();
    assertThat(probe.detail()).contains("switched off by the user");
    assertThat(KernelTable.resolve("auto", options).choices().get(Role.GEMM))
        .doesNotStartWith("openblas");
    assertThatThrownBy(() -> KernelTable.resolve("openblas", options))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessageContaining("switched off");
  }

  @Test
  void aWrongNameStopsTheStartEvenWhenOtherKernelsCouldServe() {
    Path missing = folder.resolve("libnothing.so");
    assertThat(load(missing.toString())).isEqualTo(LoadOutcome.NOT_FOUND);
    assertThat(load(folder.toString())).isEqualTo(LoadOutcome.NOT_FOUND);
    assertThat(load("a\0b")).isEqualTo(LoadOutcome.NOT_FOUND);
    assertThatThrownBy(() -> KernelTable.resolve("auto", new KernelOptions(Optional.of(missing))))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("no such file");
  }

  @Test
  void aFileThatIsNoLibraryIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("libtext.so"), "not a library");
    assertThat(load(text.toString())).isEqualTo(LoadOutcome.CANNOT_OPEN);
    Path empty = Files.createFile(folder.resolve("libempty.so"));
    assertThat(load(empty.toString())).isEqualTo(LoadOutcome.CANNOT_OPEN);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLibraryForAnotherProcessorIsRefused() throws IOException {
    byte[] elf = Files.readAllBytes(part("quadmath"));
    int machine = 18;
    elf[machine] = (byte) (elf[machine] == 62 ? 183 : 62);
    Path foreign = Files.write(folder.resolve("libforeign.so"), elf);
    assertThat(load(foreign.toString())).isEqualTo(LoadOutcome.CANNOT_OPEN);
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "x86_64"})
  void aLibraryWithoutProductsIsRefused() {
    LoadReport report = report(part("quadmath").toString());
    assertThat(report.userRefused()).isTrue();
    assertThat(report.attempts().getFirst().outcome()).isEqualTo(LoadOutcome.MISSING_SYMBOL);
    assertThat(report.lines().getFirst()).contains("cblas_sgemm");
  }

  @Test
  void aSecondCopyIsRefused() throws IOException {
    new OpenBlasProvider().probe(KernelOptions.DEFAULT);
    Path copy = Files.copy(part("openblas"), folder.resolve("libopenblas-copy.so"));
    assertThat(load(copy.toString())).isEqualTo(LoadOutcome.CONFLICT);
    // The first one goes on.
    assertThat(new OpenBlasProvider().probe(KernelOptions.DEFAULT).available()).isTrue();
  }

  @Test
  void buildsThatMakeThreadsOfTheirOwnAreRefused() {
    assertThat(Threading.PTHREADS.refusal(1)).isEmpty();
    assertThat(Threading.OPENMP.refusal(1)).isEmpty();
    assertThat(Threading.OPENMP.refusal(4).orElseThrow()).contains("4 threads", "OMP_NUM_THREADS");
    assertThat(Threading.SEQUENTIAL.refusal(1)).isPresent();
  }

  @Test
  void optionBeatsPropertyBeatsVariable() {
    var environment = Map.of(OpenBlasPlaces.VARIABLE, "variable");
    var both = new OpenBlasPlaces(environment, "property", "/users/ada", "Linux", "amd64");
    assertThat(both.search(Optional.of("option")).user()).contains("option");
    assertThat(both.search(Optional.empty()).user()).contains("property");
    var variable = new OpenBlasPlaces(environment, null, "/users/ada", "Linux", "amd64");
    assertThat(variable.search(Optional.empty()).user()).contains("variable");
    var none = new OpenBlasPlaces(Map.of(), null, "/users/ada", "Linux", "amd64");
    assertThat(none.search(Optional.empty()).user()).isEmpty();
  }

  @Test
  void everyBundledPlatformHasItsChecksumsForThePinnedVersion() throws IOException {
    String pom = Files.readString(Path.of(System.getProperty("birkhoff.root"), "pom.xml"));
    for (List<String> p :
        List.of(
            List.of("Linux", "amd64", "linux-x86_64"),
            List.of("Linux", "aarch64", "linux-arm64"),
            List.of("Mac OS X", "aarch64", "macosx-arm64"))) {
      var places = new OpenBlasPlaces(Map.of(), null, "/users/ada", p.get(0), p.get(1));
      var embedded = places.search(Optional.empty()).embedded().orElseThrow();
      assertThat(embedded.parts().getLast().file()).startsWith("libopenblas");
      String[] artifact = embedded.artifact().split(":");
      assertThat(artifact[3]).isEqualTo(p.get(2));
      assertThat(pom).contains("<openblas.version>" + artifact[2] + "<");
    }
    var other = new OpenBlasPlaces(Map.of(), null, "/users/ada", "Linux", "riscv64");
    assertThat(other.search(Optional.empty()).embedded().orElseThrow().isPresent()).isFalse();
  }

  private LoadOutcome load(String user) {
    LoadReport report = report(user);
    assertThat(report.loaded()).isEmpty();
    assertThat(report.attempts()).hasSize(1);
    return report.attempts().getFirst().outcome();
  }

  private static LoadReport report(String user) {
    var provider = new OpenBlasProvider(options -> OpenBlasPlaces.here().search(Optional.of(user)));
    provider.probe(KernelOptions.DEFAULT);
    return provider.report().orElseThrow();
  }

  /** An extracted part of the embedded library. */
  private static Path part(String name) {
    var search = OpenBlasPlaces.here().search(Optional.empty());
    try {
      return search.embedded().orElseThrow().extract(search.cache()).stream()
          .filter(f -> f.getFileName().toString().contains(name))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
