package birkhoff.ffi.load;

import birkhoff.engine.io.CacheFolder;
import birkhoff.ffi.load.LoadAttempt.Source;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Loads a native library so that {@link SymbolLookup#loaderLookup} of this module's class loader
 * finds it, or takes the one that this JVM has already. A candidate is opened apart and examined
 * first; only an accepted one becomes visible, so a refused library leaves no symbols behind. Every
 * failure is an outcome in the report.
 *
 * <p>Thread-safe. Loading the same file again is harmless; a second copy of a library that is
 * already bound is refused.
 */
public final class NativeLibrary {
  private NativeLibrary() {}

  /**
   * Tries the places of {@code search} in order until one serves.
   *
   * @param unsuitable examines a candidate that has the required functions; says why it cannot
   *     serve, or nothing
   */
  public static LoadReport load(
      LibrarySearch search, Function<SymbolLookup, Optional<String>> unsuitable) {
    var attempts = new ArrayList<LoadAttempt>();
    if (search.user().isPresent()) {
      attempts.add(user(search, unsuitable));
      return new LoadReport(search.library(), attempts);
    }
    if (bound(search.required().getFirst()).isPresent()) {
      attempts.add(
          examine(search, Source.PROCESS, "in this JVM", SymbolLookup.loaderLookup(), unsuitable));
      return new LoadReport(search.library(), attempts);
    }
    if (search.embedded().isPresent()) {
      attempts.add(embedded(search, search.embedded().get(), unsuitable));
    }
    for (Path file : search.system()) {
      if (attempts.stream().anyMatch(a -> a.outcome() == LoadOutcome.LOADED)) {
        break;
      }
      if (Files.exists(file)) {
        attempts.add(open(search, Source.SYSTEM, List.of(file), unsuitable));
      }
    }
    if (attempts.stream().noneMatch(a -> a.outcome() == LoadOutcome.LOADED)
        && attempts.stream().noneMatch(a -> a.source() == Source.SYSTEM)) {
      attempts.add(
          new LoadAttempt(
              Source.SYSTEM,
              search.library(),
              LoadOutcome.NOT_FOUND,
              "no file among " + search.system()));
    }
    return new LoadReport(search.library(), attempts);
  }

  private static LoadAttempt user(
      LibrarySearch search, Function<SymbolLookup, Optional<String>> unsuitable) {
    String name = search.user().orElseThrow();
    if (name.equals(LibrarySearch.OFF)) {
      return new LoadAttempt(Source.USER, name, LoadOutcome.DISABLED, "switched off by the user");
    }
    Path file;
    try {
      file = Path.of(name).toAbsolutePath();
    } catch (InvalidPathException e) {
      return new LoadAttempt(Source.USER, name, LoadOutcome.NOT_FOUND, "not a path");
    }
    if (!Files.isRegularFile(file)) {
      String why = Files.isDirectory(file) ? "a folder; name the library file" : "no such file";
      return new LoadAttempt(Source.USER, name, LoadOutcome.NOT_FOUND, why);
    }
    return open(search, Source.USER, List.of(file), unsuitable);
  }

  private static LoadAttempt embedded(
      LibrarySearch search,
      EmbeddedLibrary library,
      Function<SymbolLookup, Optional<String>> unsuitable) {
    if (!library.isPresent()) {
      return new LoadAttempt(
          Source.EMBEDDED,
          library.artifact(),
          LoadOutcome.NOT_FOUND,
          "not on the class path, or not made for this platform");
    }
    List<Path> files;
    try {
      files = library.extract(search.cache());
    } catch (IOException | RuntimeException e) {
      return new LoadAttempt(
          Source.EMBEDDED,
          library.artifact(),
          LoadOutcome.NOT_EXTRACTED,
          e + "; " + CacheFolder.VARIABLE + " names another cache folder than " + search.cache());
    }
    return open(search, Source.EMBEDDED, files, unsuitable);
  }

  /** Opens {@code files} in order; the last is the library, the others its dependencies. */
  private static LoadAttempt open(
      LibrarySearch search,
      Source source,
      List<Path> files,
      Function<SymbolLookup, Optional<String>> unsuitable) {
    Path library = files.getLast().toAbsolutePath();
    String where = library.toString();
    try {
      for (Path dependency : files.subList(0, files.size() - 1)) {
        System.load(dependency.toAbsolutePath().toString());
      }
      SymbolLookup symbols = openApart(library);
      LoadAttempt attempt = examine(search, source, where, symbols, unsuitable);
      if (attempt.outcome() != LoadOutcome.LOADED) {
        return attempt;
      }
      String witness = search.required().getFirst();
      if (bound(witness).isEmpty()) {
        System.load(where);
      }
      if (!bound(witness).equals(symbols.find(witness))) {
        String why = "this JVM already uses another copy; a second one needs another JVM";
        return new LoadAttempt(source, where, LoadOutcome.CONFLICT, why);
      }
      return attempt;
    } catch (IllegalCallerException e) {
      String why = "native access is denied; add --enable-native-access=" + moduleName();
      return new LoadAttempt(source, where, LoadOutcome.NATIVE_ACCESS_DENIED, why);
    } catch (UnsatisfiedLinkError e) {
      return new LoadAttempt(source, where, LoadOutcome.CANNOT_OPEN, e.getMessage());
    }
  }

  private static LoadAttempt examine(
      LibrarySearch search,
      Source source,
      String where,
      SymbolLookup symbols,
      Function<SymbolLookup, Optional<String>> unsuitable) {
    for (String name : search.required()) {
      if (symbols.find(name).isEmpty()) {
        String why = "it has no function " + name + ": not a usable " + search.library();
        return new LoadAttempt(source, where, LoadOutcome.MISSING_SYMBOL, why);
      }
    }
    return unsuitable
        .apply(symbols)
        .map(why -> new LoadAttempt(source, where, LoadOutcome.UNSUITABLE, why))
        .orElseGet(() -> new LoadAttempt(source, where, LoadOutcome.LOADED, ""));
  }

  // Never unloaded, even when refused: a library's threads and exit handlers may outlive its code.
  private static SymbolLookup openApart(Path library) {
    if (!mayBeLibrary(library)) {
      throw new UnsatisfiedLinkError("not an ELF library");
    }
    try {
      return SymbolLookup.libraryLookup(library, Arena.global());
    } catch (IllegalArgumentException e) {
      // The system's reason is only told by System.load, which fails on the same file.
      System.load(library.toString());
      throw (UnsatisfiedLinkError)
          new UnsatisfiedLinkError(library + " cannot be opened").initCause(e);
    }
  }

  // On Linux the JVM warns of executable stacks when a file is no library at all.
  private static boolean mayBeLibrary(Path file) {
    if (!System.getProperty("os.name", "").startsWith("Linux")) {
      return true;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(4), new byte[] {0x7f, 'E', 'L', 'F'});
    } catch (IOException e) {
      return true;
    }
  }

  private static Optional<MemorySegment> bound(String symbol) {
    return SymbolLookup.loaderLookup().find(symbol);
  }

  private static String moduleName() {
    Module module = NativeLibrary.class.getModule();
    return module.isNamed() ? module.getName() : "ALL-UNNAMED";
  }
}
