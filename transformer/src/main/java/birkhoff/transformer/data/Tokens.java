package birkhoff.transformer.data;

import birkhoff.engine.io.FormatException;
import birkhoff.transformer.error.DataException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A sequence of token ids, in a mapped file or in memory. Read-only and safe for concurrent use
 * until it is closed or its memory is.
 */
public final class Tokens implements AutoCloseable {
  private final String name;
  private final MemorySegment memory;
  private final MappedFile file;
  private final long size;
  private final TokenWidth width;
  private final int vocabularySize;

  private Tokens(
      String name,
      MemorySegment memory,
      MappedFile file,
      long bytes,
      TokenWidth width,
      int vocabularySize) {
    this.name = name;
    this.memory = memory;
    this.file = file;
    this.size = bytes / width.bytes();
    this.width = width;
    this.vocabularySize = vocabularySize;
  }

  /**
   * Maps a token file. Resident memory does not grow with it.
   *
   * @throws FormatException when the file is empty or ends within a token
   * @throws DataException when it does not exist
   */
  public static Tokens map(Path file, TokenWidth width, int vocabularySize) throws IOException {
    MappedFile mapped;
    try {
      mapped = MappedFile.open(file);
    } catch (NoSuchFileException e) {
      throw new DataException("token file " + file + " does not exist", e);
    }
    long size = mapped.size();
    if (size == 0 || size % width.bytes() != 0) {
      mapped.close();
      throw new FormatException(
          file,
          size - size % width.bytes(),
          size == 0
              ? "a token file must not be empty"
              : "the file ends within a token: "
                  + width.label()
                  + " ids take "
                  + width.bytes()
                  + " bytes each");
    }
    return new Tokens(file.toString(), null, mapped, size, width, vocabularySize);
  }

  /** Tokens in memory. */
  static Tokens of(String name, MemorySegment data, TokenWidth width, int vocabularySize) {
    return new Tokens(name, data.asReadOnly(), null, data.byteSize(), width, vocabularySize);
  }

  /** How messages call them. */
  public String name() {
    return name;
  }

  /** How many there are. */
  public long size() {
    return size;
  }

  /** Number of different ids; every id is below it. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /**
   * Copies tokens {@code from, from + 1, …} into {@code to[at], …}.
   *
   * @throws DataException for an id outside the vocabulary, naming its place, or when the file
   *     cannot be read any more
   */
  public void copy(long from, int[] to, int at, int count) {
    if (file == null) {
      copy(memory, from, to, at, count);
      return;
    }
    try {
      file.read((long) count * width.bytes(), mapped -> copy(mapped, from, to, at, count));
    } catch (IOException e) {
      throw new DataException(name + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void copy(MemorySegment data, long from, int[] to, int at, int count) {
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

  /** Releases a mapped file. */
  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
