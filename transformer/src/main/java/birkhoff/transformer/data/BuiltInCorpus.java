package birkhoff.transformer.data;

import birkhoff.transformer.error.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Real text that the machine already has: sources of the running JDK.
 *
 * <p>The selection is every file {@code java.base/java/util/*.java} of {@code lib/src.zip} (not its
 * sub-packages) in the order of the names, without the licence comment at the top, leaving out
 * files with characters beyond ASCII: about 4 million characters of about 100 kinds. It is read
 * when needed and written nowhere but into prepared folders that the user asks for.
 */
public final class BuiltInCorpus {
  private static final String FOLDER = "java.base/java/util/";

  private record Source(String name, byte[] text) implements TextSource.Document {
    @Override
    public long length() {
      return text.length;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(text);
    }
  }

  private BuiltInCorpus() {}

  /**
   * The corpus of the running JDK.
   *
   * @throws DataException when it comes without sources
   */
  public static TextSource ofRunningJdk() throws IOException {
    return of(Path.of(System.getProperty("java.home")));
  }

  /**
   * The corpus of the JDK in a folder.
   *
   * @throws DataException when it comes without sources
   */
  public static TextSource of(Path javaHome) throws IOException {
    Path zip = javaHome.resolve("lib").resolve("src.zip");
    if (!Files.isRegularFile(zip)) {
      throw new DataException(
          "the built-in corpus needs "
              + zip
              + ", which this JDK lacks; give a text with --dataset=FILE, or use a JDK that has its"
              + " sources (Temurin does, distributions call the package openjdk-25-source)");
    }
    List<TextSource.Document> documents = new ArrayList<>();
    try (ZipFile archive = new ZipFile(zip.toFile())) {
      List<? extends ZipEntry> entries =
          archive.stream()
              .filter(entry -> isSelected(entry.getName()))
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        byte[] bytes;
        try (InputStream in = archive.getInputStream(entry)) {
          bytes = in.readAllBytes();
        }
        if (isAscii(bytes)) {
          String text = new String(bytes, StandardCharsets.US_ASCII);
          byte[] body = withoutLicence(text).getBytes(StandardCharsets.US_ASCII);
          documents.add(new Source(zip + "!" + entry.getName(), body));
        }
      }
    }
    if (documents.isEmpty()) {
      throw new DataException(
          zip + " holds no " + FOLDER + "*.java; give a text with --dataset=FILE");
    }
    return new TextSource("the built-in corpus (java.util of the JDK's sources)", documents);
  }

  private static boolean isSelected(String name) {
    return name.startsWith(FOLDER)
        && name.endsWith(".java")
        && name.indexOf('/', FOLDER.length()) < 0;
  }

  private static boolean isAscii(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  private static String withoutLicence(String source) {
    String text = source.stripLeading();
    int end = text.indexOf("*/");
    return text.startsWith("/*") && !text.startsWith("/**") && end >= 0
        ? text.substring(end + 2).stripLeading()
        : text;
  }
}
