package birkhoff.transformer;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Entry point of the executable JAR, runnable on any Java from 8 on.
 *
 * <p>A manifest cannot add the incubating vector module. Where it is missing, or where this Java is
 * too old, this class finds one that fits, starts it on the same JAR and stands in for it.
 */
public final class Start {
  static final String MAIN = "birkhoff.transformer.cli.Main";

  private Start() {}

  /**
   * Runs the command line, in this JVM or in a child.
   *
   * @param given the command and its options
   */
  public static void main(String[] given) throws Throwable {
    String[] args = RawArguments.utf8(given, Paths.get("/proc/self/cmdline"));
    if (isReady()) {
      runHere(args);
      return;
    }
    JdkFinder finder =
        new JdkFinder(
            System.getenv(), Paths.get(System.getProperty("user.home", "")), Paths.get("/"));
    Jdk jdk;
    try {
      jdk = finder.find(runningJava());
    } catch (JdkFinder.NotFound e) {
      System.err.println("birkhoff: " + e.getMessage());
      System.exit(1);
      return;
    }
    System.exit(new ChildProcess(command(jdk, System.getenv(), args)).run());
  }

  /** Whether this JVM is new enough and has the vector module in its boot layer. */
  private static boolean isReady() {
    if (Jdk.feature(System.getProperty("java.specification.version", "")) < Jdk.OLDEST) {
      return false;
    }
    try {
      Class.forName("jdk.incubator.vector.Vector", false, Start.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static void runHere(String[] args) throws Throwable {
    try {
      Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static Path runningJava() {
    return Paths.get(System.getProperty("java.home"));
  }

  /** The command line of the child: fixed options, the user's from the environment, ours. */
  static List<String> command(Jdk jdk, Map<String, String> env, String[] args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(jdk.java().toString());
    command.addAll(JvmOptions.fixed());
    command.add(JvmOptions.maxDirectMemory());
    command.add("-Dbirkhoff.stderr.terminal=" + ChildProcess.stderrIsTerminal());
    command.addAll(JvmOptions.ofUser(env));
    String arguments = RawArguments.option(args);
    if (arguments != null) {
      command.add(arguments);
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(MAIN);
    for (String arg : args) {
      command.add(arg);
    }
    return command;
  }
}
