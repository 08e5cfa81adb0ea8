package birkhoff.transformer.train;

import birkhoff.engine.io.AtomicFolder;
import birkhoff.engine.io.DurableFolder;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.metrics.TensorBoardEvents;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** The folder of a run, held by one process at a time. */
public final class RunFolder implements AutoCloseable {
  /** The effective configuration. */
  public static final String CONFIG = "config.toml";

  private static final String LOCK = ".lock";
  private static final String PREVIOUS = "previous";
  private static final List<String> RUN_FILES =
      List.of(
          "checkpoints",
          "best.json",
          CONFIG,
          "metrics.jsonl",
          "metrics.csv",
          "samples.jsonl",
          "streams.jsonl",
          "report.html");

  private final Path path;
  private final FileChannel channel;

  private RunFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Creates the folder when needed and locks it.
   *
   * @throws UsageException when another run is using it
   */
  public static RunFolder open(Path path) throws IOException {
    DurableFolder.create(path);
    FileChannel channel =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new UsageException(
          "out_dir=" + path + " is in use by another run; wait for it or choose another folder");
    }
    return new RunFolder(path, channel);
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /**
   * Moves the files of an earlier run to the folder {@code previous}, replacing what is there.
   *
   * @return whether there was an earlier run
   */
  public boolean putEarlierRunAside() throws IOException {
    List<Path> earlier;
    try (Stream<Path> files = Files.list(path)) {
      earlier = files.filter(RunFolder::isOfRun).toList();
    }
    if (earlier.isEmpty()) {
      return false;
    }
    Path previous = path.resolve(PREVIOUS);
    AtomicFolder.remove(previous);
    Files.createDirectory(previous);
    for (Path file : earlier) {
      Files.move(file, previous.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    }
    return true;
  }

  private static boolean isOfRun(Path file) {
    String name = file.getFileName().toString();
    return RUN_FILES.contains(name) || name.startsWith(TensorBoardEvents.PREFIX);
  }

  /** Lets other processes use the folder. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
