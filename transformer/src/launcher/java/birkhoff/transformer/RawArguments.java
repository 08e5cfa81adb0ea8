package birkhoff.transformer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * The arguments as the user typed them. In a locale that is not UTF-8 (a container without {@code
 * LANG}, for one) the JVM misreads every character beyond ASCII; where the system tells the bytes,
 * they are read again.
 */
final class RawArguments {
  /** System property of the child: its arguments, joined by NUL, UTF-8, Base64. */
  static final String PROPERTY = "birkhoff.arguments";

  private static final char SEPARATOR = '\0';

  private RawArguments() {}

  /**
   * Repairs arguments.
   *
   * @param args as the JVM gave them
   * @param commandLine of this process, such as {@code /proc/self/cmdline}; need not exist
   * @return the arguments read as UTF-8, or {@code args} when there is nothing to repair
   */
  static String[] utf8(String[] args, Path commandLine) {
    if (isAscii(args)) {
      return args;
    }
    String[] all;
    try {
      String text = new String(Files.readAllBytes(commandLine), StandardCharsets.UTF_8);
      all = text.split(String.valueOf(SEPARATOR), -1);
    } catch (IOException e) {
      return args;
    }
    // The text ends with a separator, so the last piece is empty.
    int first = all.length - 1 - args.length;
    if (first < 1) {
      return args;
    }
    String[] read = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      read[i] = all[first + i];
      if (isAscii(args[i]) && !args[i].equals(read[i])) {
        return args;
      }
    }
    return read;
  }

  /** The option that carries the arguments to a child past its locale; null when all are ASCII. */
  static String option(String[] args) {
    if (isAscii(args)) {
      return null;
    }
    byte[] utf8 = String.join(String.valueOf(SEPARATOR), args).getBytes(StandardCharsets.UTF_8);
    return "-D" + PROPERTY + "=" + Base64.getUrlEncoder().withoutPadding().encodeToString(utf8);
  }

  private static boolean isAscii(String... texts) {
    for (String text : texts) {
      for (int i = 0; i < text.length(); i++) {
        // A locale of ASCII turns what it cannot read into question marks on some Javas.
        if (text.charAt(i) >= 0x80 || text.charAt(i) == '?') {
          return false;
        }
      }
    }
    return true;
  }
}
