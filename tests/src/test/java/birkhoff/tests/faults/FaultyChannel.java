package birkhoff.tests.faults;

import birkhoff.tests.faults.Faults.Kind;
import birkhoff.tests.faults.Faults.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file whose writes and flushes may fail. */
final class FaultyChannel extends FileChannel {
  private final FileChannel real;
  private final Path path;
  private final Faults faults;

  FaultyChannel(FileChannel real, Path path, Faults faults) {
    this.real = real;
    this.path = path;
    this.faults = faults;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    faults.unforced().written(path);
    if (!faults.hits(Operation.WRITE)) {
      return real.write(from);
    }
    if (faults.kind() == Kind.NO_SPACE) {
      ByteBuffer half = from.duplicate();
      half.limit(from.position() + from.remaining() / 2);
      while (half.hasRemaining()) {
        real.write(half);
      }
    }
    throw faults.failure(path);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    long written = 0;
    for (int i = offset; i < offset + length; i++) {
      while (from[i].hasRemaining()) {
        written += write(from[i]);
      }
    }
    return written;
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    faults.pass(Operation.WRITE, path);
    faults.unforced().written(path);
    return real.write(from, position);
  }

  @Override
  public void force(boolean metadata) throws IOException {
    faults.pass(Operation.FORCE, path);
    real.force(metadata);
    faults.unforced().forced(path);
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return real.read(to);
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) throws IOException {
    return real.read(to, offset, length);
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    return real.read(to, position);
  }

  @Override
  public long position() throws IOException {
    return real.position();
  }

  @Override
  public FileChannel position(long to) throws IOException {
    real.position(to);
    return this;
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    real.truncate(size);
    return this;
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel to) throws IOException {
    return real.transferTo(position, count, to);
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) throws IOException {
    faults.pass(Operation.WRITE, path);
    faults.unforced().written(path);
    return real.transferFrom(from, position, count);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    return real.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return real.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return real.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
  }
}
