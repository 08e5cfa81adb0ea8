package birkhoff.transformer.cli;

import birkhoff.transformer.setup.Machine;
import picocli.CommandLine.IVersionProvider;

/** The version of the JAR, and of the Java that runs it. */
final class Version implements IVersionProvider {
  /** For picocli. */
  Version() {}

  @Override
  public String[] getVersion() {
    return new String[] {
      "birkhoff " + Machine.version(),
      "Java " + Runtime.version() + " " + System.getProperty("java.vendor")
    };
  }
}
