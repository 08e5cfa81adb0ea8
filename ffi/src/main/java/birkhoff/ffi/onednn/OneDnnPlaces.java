package birkhoff.ffi.onednn;

import birkhoff.engine.io.CacheFolder;
import birkhoff.ffi.load.EmbeddedLibrary;
import birkhoff.ffi.load.LibrarySearch;
import birkhoff.ffi.load.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where oneDNN is looked for: the file that the user names, by option, system property {@value
 * #PROPERTY} or environment variable {@value #VARIABLE} ({@code off}: none); else the copy on the
 * class path, which is where {@code onednn.jar} beside {@code birkhoff.jar} is; else the system's.
 *
 * @param environment the environment variables
 * @param property the value of {@value #PROPERTY}, null when unset
 * @param home the user's home folder
 * @param os the system property {@code os.name}
 * @param arch the system property {@code os.arch}
 */
public record OneDnnPlaces(
    Map<String, String> environment, String property, String home, String os, String arch) {
  public static final String PROPERTY = "birkhoff.onednn";
  public static final String VARIABLE = "BIRKHOFF_ONEDNN";

  private static final String FOLDER = "org/bytedeco/dnnl/";
  private static final String CHECKSUMS = "embedded.sha256";

  /** The places of this process. */
  public static OneDnnPlaces here() {
    return new OneDnnPlaces(
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
    String platform = Platform.name(os, arch);
    List<Path> system =
        platform.startsWith("linux")
            ? Platform.linuxFolders(environment, platform).stream()
                .map(folder -> Path.of(folder, "libdnnl.so.3"))
                .toList()
            : List.of();
    return new LibrarySearch(
        "oneDNN",
        option
            .or(() -> Optional.ofNullable(property))
            .or(() -> Optional.ofNullable(environment.get(VARIABLE)))
            .filter(s -> !s.isBlank()),
        Optional.of(embedded(platform)),
        CacheFolder.of(environment, home),
        system,
        OneDnnControls.REQUIRED);
  }

  private static EmbeddedLibrary embedded(String platform) {
    try (InputStream checksums = OneDnnPlaces.class.getResourceAsStream(CHECKSUMS)) {
      if (checksums == null) {
        throw new IllegalStateException("birkhoff-ffi is not whole: no resource " + CHECKSUMS);
      }
      return EmbeddedLibrary.read(checksums, FOLDER, platform, OneDnnPlaces.class.getClassLoader());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + CHECKSUMS, e);
    }
  }
}
