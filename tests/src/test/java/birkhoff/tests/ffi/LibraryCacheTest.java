package birkhoff.tests.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.io.CacheFolder;
import birkhoff.ffi.load.LibraryCache;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCacheTest {
  private final byte[] contents = new byte[1_000_003];

  @TempDir Path folder;

  LibraryCacheTest() {
    for (int i = 0; i < contents.length; i++) {
      contents[i] = (byte) (i * 31 >> 3);
    }
  }

  @Test
  void aFileIsExtractedOnceAndRepairedWhenItDiffers() throws Exception {
    var opened = new AtomicInteger();
    var cache = new LibraryCache(folder.resolve("new/deep"));
    Supplier<InputStream> source =
        () -> {
          opened.incrementAndGet();
          return new ByteArrayInputStream(contents);
        };
    Path file = cache.file("lib.so", sha256(), source);
    assertThat(file).hasBinaryContent(contents);
    assertThat(cache.file("lib.so", sha256(), source)).isEqualTo(file);
    assertThat(opened).hasValue(1);

    byte[] damaged = contents.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(file, damaged);
    cache.file("lib.so", sha256(), source);
    assertThat(file).hasBinaryContent(contents);
    Files.write(file, Arrays.copyOf(contents, 10));
    cache.file("lib.so", sha256(), source);
    assertThat(file).hasBinaryContent(contents);
    assertThat(opened).hasValue(3);
  }

  @Test
  void wrongContentsAreNeverPublished() throws Exception {
    Path inner = folder.resolve("cache");
    var cache = new LibraryCache(inner);
    assertThatThrownBy(
            () -> cache.file("lib.so", sha256(), () -> new ByteArrayInputStream(new byte[9])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("lib.so")
        .hasMessageContaining("expected " + sha256());
    assertThat(inner).isEmptyDirectory();
  }

  @Test
  void onlyTheOwnerMayWriteTheFolder() throws Exception {
    Path inner = folder.resolve("cache");
    new LibraryCache(inner).file("lib.so", sha256(), () -> new ByteArrayInputStream(contents));
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inner)))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void manyAtOnceSeeWholeFilesOnly() throws Exception {
    Path inner = folder.resolve("cache");
    try (var threads = Executors.newFixedThreadPool(8)) {
      var results = new ArrayList<Future<byte[]>>();
      for (int i = 0; i < 32; i++) {
        results.add(
            threads.submit(() -> {
              var cache = new LibraryCache(inner);
              Path file = cache.file("lib.so", sha256(), () -> new ByteArrayInputStream(contents));
              return Files.readAllBytes(file);
            }));
      }
      for (Future<byte[]> result : results) {
        assertThat(result.get()).isEqualTo(contents);
      }
    }
    try (Stream<Path> files = Files.list(inner)) {
      assertThat(files).containsExactly(inner.resolve("lib.so"));
    }
  }

  @Test
  void theFolderFollowsTheEnvironment() {
    assertThat(CacheFolder.of(Map.of(), "/users/ada"))
        .isEqualTo(Path.of("/users/ada/.cache/birkhoff"));
    assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "/fast"), "/users/ada"))
        .isEqualTo(Path.of("/fast/birkhoff"));
    assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "slow"), "/users/ada"))
        .isEqualTo(Path.of("/users/ada/.cache/birkhoff"));
    assertThat(
            CacheFolder.of(
                Map.of("BIRKHOFF_CACHE", "/own", "XDG_CACHE_HOME", "/fast"), "/users/ada"))
        .isEqualTo(Path.of("/own"));
  }

  private String sha256() throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(contents));
  }
}
