package birkhoff.ffi.openblas;

import birkhoff.engine.io.CacheFolder;
import birkhoff.ffi.load.EmbeddedLibrary;
import birkhoff.ffi.load.LibrarySearch;
import birkhoff.ffi.load.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where OpenBLAS is looked for: the file that the user names, by option, system property {@value
 * #PROPERTY} or environment variable {@value #VARIABLE} ({@code off}: none); else the copy that the
 * class path carries, extracted to the cache of {@link CacheFolder}; else the system's.
 *
 * @param environment the environment variables
 * @param property the value of {@value #PROPERTY}, null when unset
 * @param home the user's home folder
 * @param os the system property {@code os.name}
 * @param arch the system property {@code os.arch}
 */
public record OpenBlasPlaces(
    Map<String, String> environment, String property, String home, String os, String arch) {
  public static final String PROPERTY = "birkhoff.openblas";
  public static final String VARIABLE = "BIRKHOFF_OPENBLAS";

  private static final String FOLDER = "org/bytedeco/openblas/";
  private static final String CHECKSUMS = "embedded.sha256";

  /** The places of this process. */
  public static OpenBlasPlaces here() {
    return new OpenBlasPlaces(
        System.getenv(),
        System.getProperty(PROPERTY),
        System.getProperty("user.home", ""),
        System.getProperty("os.name", ""),
        System.getProperty("os.arch", ""));
  }

  /**
   * The places in order.
   *
   * @param option what the user asked for in the program, before property and variable
   */
  public LibrarySearch search(Optional<String> option) {
    return new LibrarySearch(
        "OpenBLAS",
        option
            .or(() -> Optional.ofNullable(property))
            .or(() -> Optional.ofNullable(environment.get(VARIABLE)))
            .filter(s -> !s.isBlank()),
        Optional.of(embedded()),
        CacheFolder.of(environment, home),
        system(),
        OpenBlasControls.REQUIRED);
  }

  /** The platform's name in the artifact, such as {@code linux-x86_64}. */
  String platform() {
    return Platform.name(os, arch);
  }

  private EmbeddedLibrary embedded() {
    try (InputStream checksums = OpenBlasPlaces.class.getResourceAsStream(CHECKSUMS)) {
      if (checksums == null) {
        throw new IllegalStateException("birkhoff-ffi is not whole: no resource " + CHECKSUMS);
      }
      return EmbeddedLibrary.read(
          checksums, FOLDER, platform(), OpenBlasPlaces.class.getClassLoader());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + CHECKSUMS, e);
    }
  }

  private List<Path> system() {
    var files = new ArrayList<Path>();
    if (platform().startsWith("macosx")) {
      for (String prefix : List.of("/opt/homebrew/opt/openblas", "/usr/local/opt/openblas")) {
        files.add(Path.of(prefix, "lib", "libopenblas.0.dylib"));
      }
      return files;
    }
    for (String folder : Platform.linuxFolders(environment, platform())) {
      // Some distributions name the pthreads build apart.
      files.add(Path.of(folder, "libopenblasp.so.0"));
      files.add(Path.of(folder, "libopenblas.so.0"));
    }
    return files;
  }
}
