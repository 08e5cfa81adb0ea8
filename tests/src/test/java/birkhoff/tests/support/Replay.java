package birkhoff.tests.support;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Prints after a failed test the command that runs it again with the same seed. Registered for all
 * tests through {@code META-INF/services}.
 */
public final class Replay implements TestWatcher {
  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    String name = context.getRequiredTestClass().getName();
    String method = context.getRequiredTestMethod().getName();
    System.err.println("to replay " + context.getDisplayName() + ": " + command(name, method));
  }

  static String command(String className, String method) {
    return "mvn test -pl tests -am -Dtest='"
        + className
        + "#"
        + method
        + "' -Dsurefire.failIfNoSpecifiedTests=false -Dbirkhoff.seed="
        + Seeds.base();
  }
}
