package birkhoff.tests.structure;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Formats the sources with google-java-format; {@link FormatTest} checks with the same class. */
final class SourceFormat {
  private SourceFormat() {}

  /** Rewrites the files that are not formatted and names them. */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args.length > 0 ? args[0] : "").toAbsolutePath();
    for (Path file : unformatted(Sources.handWritten(root))) {
      Files.writeString(file, format(file, Files.readString(file)));
      System.out.println("formatted " + root.relativize(file));
    }
  }

  /** The files whose text differs from the formatter's, in the order given. */
  static List<Path> unformatted(List<Path> files) {
    return new ArrayList<>(files.parallelStream().filter(f -> !isFormatted(f)).toList());
  }

  private static boolean isFormatted(Path file) {
    try {
      String text = Files.readString(file);
      return text.equals(format(file, text));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static String format(Path file, String text) {
    try {
      return new Formatter().formatSourceAndFixImports(text);
    } catch (FormatterException e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }
}
