package birkhoff.transformer;

/** Entry point of the executable JAR. */
public final class Start {
  private Start() {}

  /**
   * Runs the command line.
   *
   * @param args the command and its options
   * @throws ReflectiveOperationException when the JAR is damaged
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    Class.forName("birkhoff.transformer.cli.Main")
        .getMethod("main", String[].class)
        .invoke(null, (Object) args);
  }
}
