package birkhoff.transformer.data;

import birkhoff.engine.io.FormatException;
import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A sequence of token ids, in a mapped file or in memory. Read-only and safe for concurrent use
 * while the arena it was made in is open.
 */
public final class Tokens {
  private final String name;
  private final MemorySegment data;
  private final TokenWidth width;
  private final int vocabularySize;

  private Tokens(String name, MemorySegment data, TokenWidth width, int vocabularySize) {
    this.name = name;
    this.data = data;
    this.width = width;
    this.vocabularySize = vocabularySize;
  }

  /**
   * Maps a token file; resident memory is what the system chooses to cache.
   *
   * @throws FormatException when the file is empty or ends within a token
   * @throws DataException when it does not exist
   */
  public static Tokens map(Path file, TokenWidth width, int vocabularySize, Arena arena)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size == 0) {
        throw new FormatException(file, 0, "a token file must not be empty");
      }
      if (size % width.bytes() != 0) {
        throw new FormatException(
            file,
            size - size % width.bytes(),
            "the file ends within a token: "
                + width.label()
                + " ids take "
                + width.bytes()
                + " bytes each");
      }
      MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      return new Tokens(file.toString(), data, width, vocabularySize);
    } catch (NoSuchFileException e) {
      throw new DataException("token file " + file + " does not exist", e);
    }
  }

  /** Tokens in memory. */
  static Tokens of(String name, MemorySegment data, TokenWidth width, int vocabularySize) {
    return new Tokens(name, data.asReadOnly(), width, vocabularySize);
  }

  /** How messages call them. */
  public String name() {
    return name;
  }

  /** How many there are. */
  public long size() {
    return data.byteSize() / width.bytes();
  }

  /** Number of different ids; every id is below it. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /**
   * Copies tokens {@code from, from + 1, …} into {@code to[at], …}.
   *
   * @throws DataException for an id outside the vocabulary, naming its place
   */
  public void copy(long from, int[] to, int at, int count) {
    for (int i = 0; i < count; i++) {
      int token = width.get(data, from + i);
      if (token < 0 || token >= vocabularySize) {
        throw new DataException(
            name
                + ": token "
                + (from + i)
                + " is "
                + Integer.toUnsignedString(token)
                + ", outside the vocabulary of "
                + vocabularySize);
      }
      to[at + i] = token;
    }
  }
}
