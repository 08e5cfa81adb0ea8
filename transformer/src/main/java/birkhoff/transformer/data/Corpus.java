package birkhoff.transformer.data;

import birkhoff.engine.io.FormatException;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The tokens that train and validate, with the tokenizer that made them. Close it after use.
 *
 * <p>A prepared folder is mapped. A text is encoded into native memory, up to {@link
 * #MAX_TEXT_BYTES}; longer texts must be prepared first.
 */
public final class Corpus implements AutoCloseable {
  /** The longest text that is encoded on the fly. */
  public static final long MAX_TEXT_BYTES = 1L << 28;

  private final String name;
  private final Tokenizer tokenizer;
  private final String sha256;
  private final Tokens train;
  private final Tokens val;
  private final Runnable release;

  private Corpus(
      String name, Tokenizer tokenizer, String sha256, Tokens train, Tokens val, Runnable release) {
    this.name = name;
    this.tokenizer = tokenizer;
    this.sha256 = sha256;
    this.train = train;
    this.val = val;
    this.release = release;
  }

  /**
   * Opens what {@code --dataset} names: the built-in corpus when empty, else a prepared folder, a
   * text file or a folder of text files.
   *
   * @param tokenizerName kind of tokenizer to make for a text
   * @throws DataException when the data cannot be used
   */
  public static Corpus open(String dataset, String tokenizerName) throws IOException {
    Tokenizers.requireKnown(tokenizerName);
    Optional<Path> prepared = preparedFolder(dataset);
    if (prepared.isPresent()) {
      return openPrepared(prepared.get());
    }
    TextSource source = source(dataset);
    TextScan scan = TextScan.of(source);
    return encode(
        source, scan, Tokenizers.forText(tokenizerName, new SourceText(source, scan, () -> {})));
  }

  /**
   * Opens a dataset for a model that already has a tokenizer.
   *
   * @throws DataException when the text has characters that the tokenizer lacks, or a prepared
   *     folder was made by another tokenizer
   */
  public static Corpus open(String dataset, Tokenizer tokenizer) throws IOException {
    Optional<Path> prepared = preparedFolder(dataset);
    if (prepared.isPresent()) {
      Corpus corpus = openPrepared(prepared.get());
      if (!corpus.tokenizer().hash().equals(tokenizer.hash())) {
        corpus.close();
        throw new DataException(
            dataset + " was prepared with another tokenizer than the checkpoint's");
      }
      return corpus;
    }
    TextSource source = source(dataset);
    return encode(source, TextScan.of(source), tokenizer);
  }

  /**
   * The text that {@code --dataset} or {@code --input} names.
   *
   * @throws UsageException when it is a prepared folder
   */
  public static TextSource source(String dataset) throws IOException {
    if (dataset.isEmpty()) {
      return BuiltInCorpus.ofRunningJdk();
    }
    if (preparedFolder(dataset).isPresent()) {
      throw new UsageException(dataset + " is already prepared; a text is needed here");
    }
    return TextFiles.of(Path.of(dataset));
  }

  private static Optional<Path> preparedFolder(String dataset) {
    Path folder = Path.of(dataset);
    boolean prepared =
        !dataset.isEmpty()
            && (Files.isRegularFile(folder.resolve(PreparedMeta.FILE))
                || Files.isRegularFile(folder.resolve(Preparation.TRAIN)));
    return prepared ? Optional.of(folder) : Optional.empty();
  }

  private static Corpus openPrepared(Path folder) throws IOException {
    PreparedMeta meta = PreparedMeta.read(folder.resolve(PreparedMeta.FILE));
    Tokens train = map(folder.resolve(Preparation.TRAIN), meta, meta.trainTokens());
    try {
      Tokens val = map(folder.resolve(Preparation.VAL), meta, meta.valTokens());
      return new Corpus(
          folder.toString(), meta.tokenizer(), meta.sourceSha256(), train, val, () -> {});
    } catch (IOException | RuntimeException e) {
      train.close();
      throw e;
    }
  }

  private static Tokens map(Path file, PreparedMeta meta, long expected) throws IOException {
    Tokens tokens = Tokens.map(file, meta.width(), meta.tokenizer().vocabularySize());
    if (tokens.size() != expected) {
      long size = tokens.size();
      tokens.close();
      throw new FormatException(
          file,
          Math.min(size, expected) * meta.width().bytes(),
          "the file has " + size + " tokens, meta.json says " + expected);
    }
    return tokens;
  }

  @SuppressWarnings("MustBeClosed") // the corpus owns the arena
  private static Corpus encode(TextSource source, TextScan scan, Tokenizer tokenizer)
      throws IOException {
    if (scan.utf8Bytes() > MAX_TEXT_BYTES) {
      throw new DataException(
          source.name()
              + " has "
              + scan.utf8Bytes()
              + " bytes, too many to encode at every start; run `birkhoff prepare --input=…"
              + " --out=DIR` once and train with --dataset=DIR");
    }
    TokenWidth width = TokenWidth.of(tokenizer.vocabularySize());
    Arena arena = Arena.ofShared();
    try {
      // A token stands for at least one byte.
      MemorySegment memory = arena.allocate(scan.utf8Bytes() * width.bytes(), width.bytes());
      var sink = new MemorySink(memory, width);
      long[] trainTokens = new long[1];
      SplitEncoder.encode(
          source,
          scan,
          tokenizer,
          tokens -> {
            sink.accept(tokens);
            trainTokens[0] = sink.count;
          },
          sink);
      long cut = trainTokens[0] * width.bytes();
      long end = sink.count * width.bytes();
      int vocabulary = tokenizer.vocabularySize();
      Tokens train = Tokens.of(source.name(), memory.asSlice(0, cut), width, vocabulary);
      Tokens val = Tokens.of(source.name(), memory.asSlice(cut, end - cut), width, vocabulary);
      return new Corpus(source.name(), tokenizer, scan.sha256(), train, val, arena::close);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** How messages call it. */
  public String name() {
    return name;
  }

  /** The tokenizer that made the ids. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** SHA-256 of the text. */
  public String sha256() {
    return sha256;
  }

  /** The first nine tenths. */
  public Tokens train() {
    return train;
  }

  /** The rest. */
  public Tokens val() {
    return val;
  }

  /** Releases the memory; the tokens become inaccessible. */
  @Override
  public void close() {
    train.close();
    val.close();
    release.run();
  }

  private static final class MemorySink implements TokenSink {
    private final MemorySegment memory;
    private final TokenWidth width;
    private long count;

    MemorySink(MemorySegment memory, TokenWidth width) {
      this.memory = memory;
      this.width = width;
    }

    @Override
    public void accept(int[] tokens) {
      for (int token : tokens) {
        width.set(memory, count++, token);
      }
    }
  }
}
