package birkhoff.transformer;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Finds a Java that fits: {@code BIRKHOFF_JAVA_HOME} (which is then obeyed or an error), {@code
 * JAVA_HOME}, the running one, the {@code PATH}, and last the usual folders of packages and version
 * managers. Starts nothing and writes nothing; used by one thread.
 */
public final class JdkFinder {
  /** The variable that names the JDK to use. */
  public static final String HOME_VARIABLE = "BIRKHOFF_JAVA_HOME";

  /** Folders with one installation in each entry; macOS keeps it two levels deeper. */
  private static final String[] SYSTEM_FOLDERS = {
    "usr/lib/jvm",
    "usr/lib64/jvm",
    "usr/java",
    "usr/local/java",
    "usr/local/lib/jvm",
    "usr/local",
    "opt",
    "opt/java",
    "opt/jdk",
    "Library/Java/JavaVirtualMachines",
    "opt/homebrew/opt",
    "usr/local/opt",
    "Program Files/Java",
    "Program Files/Eclipse Adoptium",
    "Program Files/Microsoft",
    "Program Files/Amazon Corretto",
    "Program Files/Zulu",
    "Program Files/BellSoft",
  };

  private static final String[] USER_FOLDERS = {
    ".jdks",
    ".sdkman/candidates/java",
    ".local/share/mise/installs/java",
    ".asdf/installs/java",
    ".jabba/jdk",
    ".gradle/jdks",
    "Library/Java/JavaVirtualMachines",
  };

  private static final String[] INSIDE = {"", "Contents/Home", "libexec/openjdk.jdk/Contents/Home"};

  private final Map<String, String> env;
  private final Path userHome;
  private final Path fileSystemRoot;
  private final List<Jdk> rejected = new ArrayList<>();

  /**
   * Describes where to look.
   *
   * @param env the environment variables
   * @param userHome the user's folder
   * @param fileSystemRoot what the system's folders are relative to
   */
  public JdkFinder(Map<String, String> env, Path userHome, Path fileSystemRoot) {
    this.env = env;
    this.userHome = userHome;
    this.fileSystemRoot = fileSystemRoot;
  }

  /**
   * Searches in the documented order and takes the first that fits; of the usual folders' ones the
   * oldest that fits, which is the release that is tested most.
   *
   * @param running the folder of the Java that asks
   * @throws NotFound when there is none, with a message of one line that says what to do
   */
  public Jdk find(Path running) throws NotFound {
    String chosen = env.get(HOME_VARIABLE);
    if (chosen != null && !chosen.isEmpty()) {
      Jdk jdk = at(chosen);
      if (jdk != null && jdk.fits()) {
        return jdk;
      }
      throw new NotFound(
          HOME_VARIABLE
              + " must name the folder of a JDK "
              + Jdk.OLDEST
              + " or newer with the module jdk.incubator.vector, but it names "
              + (jdk == null ? chosen + ", which is no JDK" : jdk.toString()));
    }
    for (Path home : named(running)) {
      if (fits(Jdk.at(home))) {
        return Jdk.at(home);
      }
    }
    List<Jdk> fitting = new ArrayList<>();
    for (Path home : usual()) {
      Jdk jdk = Jdk.at(home);
      if (fits(jdk)) {
        fitting.add(jdk);
      }
    }
    if (fitting.isEmpty()) {
      throw new NotFound(nothingFound());
    }
    return Collections.min(fitting, Comparator.comparingInt(Jdk::feature));
  }

  private boolean fits(Jdk jdk) {
    if (jdk != null && !jdk.fits()) {
      rejected.add(jdk);
    }
    return jdk != null && jdk.fits();
  }

  private List<Path> named(Path running) {
    List<Path> homes = new ArrayList<>();
    String javaHome = env.get("JAVA_HOME");
    if (javaHome != null && !javaHome.isEmpty()) {
      add(homes, javaHome);
    }
    homes.add(running);
    String path = env.get("PATH");
    if (path != null) {
      for (String folder : path.split(File.pathSeparator, -1)) {
        addHomeOfProgram(homes, folder);
      }
    }
    return homes;
  }

  /** A program on the path is often a link, or a link to a link, into the installation. */
  private static void addHomeOfProgram(List<Path> homes, String folder) {
    try {
      for (String name : new String[] {"java", "java.exe"}) {
        Path program = Paths.get(folder, name);
        if (!folder.isEmpty() && Files.isExecutable(program)) {
          Path bin = program.toRealPath().getParent();
          if (bin != null && bin.getParent() != null) {
            homes.add(bin.getParent());
          }
        }
      }
    } catch (IOException | InvalidPathException e) {
      // An unreadable entry of the path offers no Java; the search goes on.
      return;
    }
  }

  private List<Path> usual() {
    List<Path> homes = new ArrayList<>();
    for (String folder : USER_FOLDERS) {
      addEntries(homes, userHome.resolve(folder));
    }
    for (String folder : SYSTEM_FOLDERS) {
      addEntries(homes, fileSystemRoot.resolve(folder));
    }
    return homes;
  }

  private static void addEntries(List<Path> homes, Path folder) {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
        for (Path entry : stream) {
          entries.add(entry);
        }
      } catch (IOException | java.nio.file.DirectoryIteratorException e) {
        // A folder that may not be listed offers no Java; the search goes on.
        entries.clear();
      }
    }
    Collections.sort(entries);
    for (Path entry : entries) {
      for (String inside : INSIDE) {
        homes.add(entry.resolve(inside));
      }
    }
  }

  private static void add(List<Path> homes, String folder) {
    try {
      homes.add(Paths.get(folder));
    } catch (InvalidPathException e) {
      // A variable that holds no path names no Java; the search goes on.
      return;
    }
  }

  private static Jdk at(String folder) {
    try {
      return Jdk.at(Paths.get(folder));
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private String nothingFound() {
    StringBuilder found = new StringBuilder();
    for (Jdk jdk : rejected) {
      if (found.indexOf(jdk.toString()) < 0) {
        found.append(found.length() == 0 ? "" : ", ").append(jdk);
      }
    }
    return "needs Java "
        + Jdk.OLDEST
        + " or newer with the module jdk.incubator.vector (found "
        + (found.length() == 0 ? "none" : "only " + found)
        + "); install a JDK "
        + Jdk.OLDEST
        + ", for example Temurin, or set "
        + HOME_VARIABLE
        + " to the folder of one";
  }

  /** No Java fits; the message says in one line what to install or which variable to set. */
  public static final class NotFound extends Exception {
    private static final long serialVersionUID = 1L;

    NotFound(String message) {
      super(message);
    }
  }
}
