package birkhoff.transformer.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of the JAR, and of the Java that runs it. */
final class Version implements IVersionProvider {
  /** For picocli. */
  Version() {}

  @Override
  public String[] getVersion() {
    return new String[] {
      "birkhoff " + number(), "Java " + Runtime.version() + " " + System.getProperty("java.vendor")
    };
  }

  /** The number in the manifest, or {@code development} when run from classes. */
  static String number() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
