package birkhoff.tests.faults;

import birkhoff.tests.faults.Faults.Operation;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The real file system, some of whose operations fail. Paths of it are made by {@link #of}. */
final class FaultyFileSystem extends FileSystem {
  private final FileSystem real;
  private final Provider provider;

  private FaultyFileSystem(FileSystem real, Faults faults) {
    this.real = real;
    this.provider = new Provider(faults);
  }

  /** The same path, in a file system with these faults. */
  static Path of(Path real, Faults faults) {
    return new FaultyPath(new FaultyFileSystem(real.getFileSystem(), faults), real);
  }

  private Path wrap(Path path) {
    return new FaultyPath(this, path);
  }

  private static Path unwrap(Path path) {
    return path instanceof FaultyPath faulty ? faulty.real() : path;
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return real.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return real.getFileStores();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return real.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return wrap(real.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    PathMatcher matcher = real.getPathMatcher(pattern);
    return path -> matcher.matches(unwrap(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return real.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }

  private final class Provider extends FileSystemProvider {
    private final Faults faults;

    Provider(Faults faults) {
      this.faults = faults;
    }

    private FileSystemProvider real() {
      return real.provider();
    }

    @Override
    public String getScheme() {
      return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      faults.pass(Operation.OPEN, path);
      Path file = unwrap(path);
      boolean there = Files.exists(file);
      FileChannel channel = real().newFileChannel(file, options, attributes);
      if (!there) {
        faults.unforced().appeared(file);
      }
      return new FaultyChannel(channel, file, faults);
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
      DirectoryStream<Path> stream =
          real().newDirectoryStream(unwrap(folder), path -> filter.accept(wrap(path)));
      List<Path> all = new java.util.ArrayList<>();
      stream.forEach(path -> all.add(wrap(path)));
      stream.close();
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return all.iterator();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
      faults.pass(Operation.CREATE_FOLDER, folder);
      real().createDirectory(unwrap(folder), attributes);
      faults.unforced().appeared(unwrap(folder));
    }

    @Override
    public void delete(Path path) throws IOException {
      faults.pass(Operation.DELETE, path);
      faults.unforced().deleting(unwrap(path));
      real().delete(unwrap(path));
      faults.unforced().deleted(unwrap(path));
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) {
      throw new UnsupportedOperationException("nothing here copies files");
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
      faults.pass(Operation.RENAME, to);
      faults.unforced().renaming(unwrap(from), unwrap(to));
      real().move(unwrap(from), unwrap(to), options);
      faults.unforced().renamed(unwrap(from), unwrap(to));
    }

    @Override
    public boolean isSameFile(Path a, Path b) throws IOException {
      return real().isSameFile(unwrap(a), unwrap(b));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return real().isHidden(unwrap(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      return real().getFileStore(unwrap(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      real().checkAccess(unwrap(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return real().getFileAttributeView(unwrap(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return real().readAttributes(unwrap(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
        throws IOException {
      return real().readAttributes(unwrap(path), names, options);
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options)
        throws IOException {
      real().setAttribute(unwrap(path), name, value, options);
    }
  }
}
