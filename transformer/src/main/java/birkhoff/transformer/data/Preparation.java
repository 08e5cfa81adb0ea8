package birkhoff.transformer.data;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.io.AtomicFolder;
import birkhoff.engine.io.DurableFolder;
import birkhoff.transformer.error.DataException;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.Tokenizer;
import birkhoff.transformer.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Writes a text as a prepared folder: {@code train.bin}, {@code val.bin}, {@code meta.json} and
 * {@code tokenizer.json} for other programs. Two passes over the text, or three to learn a
 * tokenizer, in memory that does not grow with it.
 *
 * @param folder that was written
 * @param tokenizer that made the ids
 * @param trainTokens length of {@code train.bin}
 * @param valTokens length of {@code val.bin}
 */
public record Preparation(Path folder, Tokenizer tokenizer, long trainTokens, long valTokens) {
  /** Told how a preparation goes on, on the thread that works. */
  public interface Progress {
    /** Tells nobody. */
    Progress NONE =
        new Progress() {
          @Override
          public void begin(String pass, long bytes) {}

          @Override
          public void read(long bytes) {}
        };

    /** A pass over so many bytes of text begins; it is called {@code scan} and so on. */
    void begin(String pass, long bytes);

    /** So many more bytes were read. */
    void read(long bytes);
  }

  static final String TRAIN = "train.bin";
  static final String VAL = "val.bin";
  private static final String TOKENIZER = "tokenizer.json";

  /**
   * Prepares a text. {@code meta.json} appears last, so a folder that has it is complete.
   *
   * @throws DataException when the text is empty or not UTF-8
   */
  public static Preparation run(
      TextSource text, String tokenizerName, Path folder, Progress progress) throws IOException {
    Tokenizers.requireKnown(tokenizerName);
    AtomicFolder.removeLitter(folder);
    TextSource source = text.watched(progress::read);
    long bytes = source.length();
    progress.begin("scan", bytes);
    TextScan scan = TextScan.of(source);
    Tokenizer tokenizer =
        Tokenizers.forText(
            tokenizerName, new SourceText(source, scan, () -> progress.begin("learn", bytes)));
    progress.begin("encode", bytes);
    TokenWidth width = TokenWidth.of(tokenizer.vocabularySize());
    DurableFolder.create(folder);
    DurableFolder.delete(folder.resolve(PreparedMeta.FILE));
    long[] counts = new long[2];
    AtomicFile.write(
        folder.resolve(TRAIN),
        train ->
            AtomicFile.write(
                folder.resolve(VAL),
                val -> {
                  var trainSink = new FileSink(train, width);
                  var valSink = new FileSink(val, width);
                  SplitEncoder.encode(source, scan, tokenizer, trainSink, valSink);
                  counts[0] = trainSink.finish();
                  counts[1] = valSink.finish();
                }));
    AtomicFile.writeString(folder.resolve(TOKENIZER), Json.pretty(tokenizer.tokenizerJson()));
    var meta = new PreparedMeta(tokenizer, width, counts[0], counts[1], scan.sha256());
    AtomicFile.writeString(folder.resolve(PreparedMeta.FILE), Json.pretty(meta.toJson(scan)));
    return new Preparation(folder, tokenizer, counts[0], counts[1]);
  }

  /** Buffers ids and writes them to a file. */
  private static final class FileSink implements TokenSink {
    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel channel;
    private final TokenWidth width;
    private final ByteBuffer buffer =
        ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long count;

    FileSink(FileChannel channel, TokenWidth width) {
      this.channel = channel;
      this.width = width;
    }

    @Override
    public void accept(int[] tokens) throws IOException {
      for (int token : tokens) {
        if (buffer.remaining() < width.bytes()) {
          drain();
        }
        if (width == TokenWidth.UINT16) {
          buffer.putShort((short) token);
        } else {
          buffer.putInt(token);
        }
      }
      count += tokens.length;
    }

    long finish() throws IOException {
      drain();
      return count;
    }

    private void drain() throws IOException {
      buffer.flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      buffer.clear();
    }
  }
}
