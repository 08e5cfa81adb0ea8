package birkhoff.ffi.load;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Names and folders of operating systems. */
public final class Platform {
  private Platform() {}

  /**
   * The platform's name in artifacts, such as {@code linux-x86_64}.
   *
   * @param os the system property {@code os.name}
   * @param arch the system property {@code os.arch}
   */
  public static String name(String os, String arch) {
    String system = os.toLowerCase(Locale.ROOT);
    String osPart =
        system.startsWith("linux") ? "linux" : system.startsWith("mac") ? "macosx" : "other";
    String archPart =
        switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm64";
          default -> arch;
        };
    return osPart + "-" + archPart;
  }

  /**
   * Where the libraries of a Linux system lie, {@code LD_LIBRARY_PATH} first.
   *
   * @param environment the environment variables
   * @param name as {@link #name} tells
   */
  public static List<String> linuxFolders(Map<String, String> environment, String name) {
    var folders = new ArrayList<String>();
    for (String folder :
        environment.getOrDefault("LD_LIBRARY_PATH", "").split(File.pathSeparator)) {
      if (!folder.isBlank()) {
        folders.add(folder);
      }
    }
    String multiarch = (name.endsWith("arm64") ? "aarch64" : "x86_64") + "-linux-gnu";
    folders.addAll(List.of("/usr/local/lib", "/usr/lib/" + multiarch, "/usr/lib64", "/usr/lib"));
    return folders;
  }
}
