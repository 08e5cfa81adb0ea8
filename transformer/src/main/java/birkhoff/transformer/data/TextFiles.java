package birkhoff.transformer.data;

import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Texts of the user's own: a file, or all files of a folder in the order of their paths. */
public final class TextFiles {
  private record FileDocument(Path path) implements TextSource.Document {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public long length() throws IOException {
      return Files.size(path);
    }

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(path);
    }
  }

  private TextFiles() {}

  /**
   * The text of a file, or of every file below a folder except hidden ones.
   *
   * @throws DataException when there is no such file, or the folder holds none
   */
  public static TextSource of(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      return new TextSource(path.toString(), List.of(new FileDocument(path)));
    }
    if (!Files.isDirectory(path)) {
      throw new DataException(path + " is neither a file nor a folder");
    }
    try (Stream<Path> tree = Files.walk(path)) {
      List<TextSource.Document> files =
          tree.filter(Files::isRegularFile)
              .filter(file -> !isHidden(path.relativize(file)))
              .sorted()
              .<TextSource.Document>map(FileDocument::new)
              .toList();
      if (files.isEmpty()) {
        throw new DataException("folder " + path + " holds no text file");
      }
      return new TextSource(path.toString(), files);
    }
  }

  private static boolean isHidden(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }
}
