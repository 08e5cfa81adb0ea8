package birkhoff.transformer.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is read through a mapping in pieces here and there. Linux maps the pages around each
 * one too and counts them as resident until the mapping ends: after some megabytes of them the file
 * is mapped anew, so that resident memory stays the same however large it is. Safe for concurrent
 * use until it is closed.
 */
final class MappedFile implements AutoCloseable {
  /** What is mapped around a piece (fault_around_bytes), at least. */
  private static final long AROUND = 1 << 16;

  private static final long MOST_RESIDENT = 1 << 23;

  private final FileChannel channel;
  private final long size;
  private Arena arena;
  private MemorySegment data;
  private long resident;

  private MappedFile(FileChannel channel) throws IOException {
    this.channel = channel;
    this.size = channel.size();
    map();
  }

  static MappedFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new MappedFile(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Number of bytes when it was opened. */
  long size() {
    return size;
  }

  /** Reads from the mapping. */
  @FunctionalInterface
  interface Reader {
    void read(MemorySegment file);
  }

  /** Lets {@code reader} read about {@code bytes} bytes, wherever they are. */
  synchronized void read(long bytes, Reader reader) throws IOException {
    long more = bytes + AROUND;
    if (resident + more > MOST_RESIDENT) {
      arena.close();
      map();
    }
    resident += more;
    reader.read(data);
  }

  @SuppressWarnings("MustBeClosed") // closed with this, or before the next
  private void map() throws IOException {
    arena = Arena.ofShared();
    data = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    resident = 0;
  }

  @Override
  public synchronized void close() {
    arena.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
