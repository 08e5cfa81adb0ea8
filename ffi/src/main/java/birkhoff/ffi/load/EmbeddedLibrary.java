package birkhoff.ffi.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A native library and its dependencies, carried as resources of the class path, with the checksums
 * that this build was made for.
 *
 * @param artifact where the resources come from, for messages
 * @param prefix resource folder, ending with a slash
 * @param parts in the order in which they must be loaded, the library itself last
 * @param resources finds the resources
 */
public record EmbeddedLibrary(
    String artifact, String prefix, List<Part> parts, ClassLoader resources) {

  /**
   * @param file its name
   * @param sha256 of its contents, lower-case hexadecimal
   */
  public record Part(String file, String sha256) {}

  public EmbeddedLibrary {
    parts = List.copyOf(parts);
  }

  /**
   * Reads the parts for {@code platform} from a list in the format of {@code sha256sum}: first
   * {@code # group:name:version}, then lines {@code <sha256> <platform>/<file>} in load order. No
   * part means that nothing is carried for the platform.
   */
  public static EmbeddedLibrary read(
      InputStream checksums, String folder, String platform, ClassLoader resources)
      throws IOException {
    String artifact = "";
    var parts = new ArrayList<Part>();
    var lines = new BufferedReader(new InputStreamReader(checksums, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.strip().split("\\s+", 2);
      if (words[0].equals("#") && words.length == 2) {
        artifact = words[1];
      } else if (words.length == 2 && words[1].startsWith(platform + "/")) {
        parts.add(new Part(words[1].substring(platform.length() + 1), words[0]));
      }
    }
    return new EmbeddedLibrary(
        artifact + ":" + platform, folder + platform + "/", parts, resources);
  }

  /** True when the class path carries every part. */
  public boolean isPresent() {
    return !parts.isEmpty()
        && parts.stream().allMatch(p -> resources.getResource(prefix + p.file()) != null);
  }

  /** A folder name that changes with the version and the contents. */
  public String folderName() {
    String name = artifact.substring(artifact.indexOf(':') + 1).replace(':', '-');
    return name + "-" + parts.getLast().sha256().substring(0, 12);
  }

  /**
   * Places every part in a folder below {@code cache} and verifies its checksum.
   *
   * @return the files in load order
   */
  public List<Path> extract(Path cache) throws IOException {
    var target = new LibraryCache(cache.resolve(folderName()));
    var files = new ArrayList<Path>();
    for (Part p : parts) {
      files.add(target.file(p.file(), p.sha256(), () -> open(p)));
    }
    return files;
  }

  private InputStream open(Part part) {
    InputStream in = resources.getResourceAsStream(prefix + part.file());
    if (in == null) {
      throw new UncheckedIOException(new IOException("no resource " + prefix + part.file()));
    }
    return in;
  }
}
