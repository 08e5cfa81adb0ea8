package birkhoff.transformer.metrics;

import birkhoff.transformer.diagnostics.MixerStatistics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Scalars for TensorBoard: a file of records as TensorFlow writes them (length, masked CRC-32C of
 * the length, an {@code Event} in protocol buffers' encoding, masked CRC-32C of it). A resumed run
 * writes another file beside, as TensorBoard expects.
 */
public final class TensorBoardEvents implements RunSink {
  /** How its files' names begin. */
  public static final String PREFIX = "events.out.tfevents.";

  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final OutputStream file;

  /** Opens a new file in the run's folder. */
  public TensorBoardEvents(Path outDir) throws IOException {
    Instant now = Instant.now();
    String name = PREFIX + now.getEpochSecond() + "." + now.getNano() + ".birkhoff";
    Files.createDirectories(outDir);
    file = Files.newOutputStream(outDir.resolve(name));
    ByteArrayOutputStream event = begin(now);
    bytes(event, FILE_VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
    record(event);
  }

  @Override
  public void step(StepReport r) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/step", r.loss());
    values.put("optimizer/lr", r.lr());
    values.put("optimizer/grad_norm", r.gradNorm());
    values.put("speed/tokens_per_second", r.tokensPerSecond());
    values.put("speed/mfu", r.mfu());
    values.put("memory/rss_mb", r.rssMb());
    write(r.step(), values);
  }

  @Override
  public void evaluated(EvaluationReport r) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/train", r.trainLoss());
    values.put("loss/validation", r.valLoss());
    values.put("loss/bits_per_byte", r.bitsPerByte());
    write(r.step(), values);
  }

  @Override
  public void mixed(StreamsReport r) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("streams/diagonal", r.mean(MixerStatistics::diagonal));
    values.put("streams/sigma2", r.mean(MixerStatistics::sigma2));
    values.put("streams/composite_sigma2", r.composite().sigma2());
    values.put("streams/error_max", r.errorMax());
    write(r.step(), values);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void write(long step, Map<String, Double> values) throws IOException {
    ByteArrayOutputStream event = begin(Instant.now());
    key(event, STEP, VARINT);
    varint(event, step);
    var summary = new ByteArrayOutputStream();
    values.forEach((tag, number) -> {
      if (Double.isFinite(number)) {
        var value = new ByteArrayOutputStream();
        bytes(value, TAG, tag.getBytes(StandardCharsets.UTF_8));
        key(value, SIMPLE_VALUE, FIXED32);
        value.writeBytes(little(Float.BYTES).putFloat(number.floatValue()).array());
        bytes(summary, VALUE, value.toByteArray());
      }
    });
    bytes(event, SUMMARY, summary.toByteArray());
    record(event);
    file.flush();
  }

  private static ByteArrayOutputStream begin(Instant at) {
    var event = new ByteArrayOutputStream();
    key(event, WALL_TIME, FIXED64);
    double seconds = at.getEpochSecond() + at.getNano() / 1e9;
    event.writeBytes(little(Double.BYTES).putDouble(seconds).array());
    return event;
  }

  private void record(ByteArrayOutputStream event) throws IOException {
    byte[] length = little(Long.BYTES).putLong(event.size()).array();
    byte[] data = event.toByteArray();
    file.write(length);
    file.write(masked(length));
    file.write(data);
    file.write(masked(data));
  }

  private static byte[] masked(byte[] data) {
    var crc = new CRC32C();
    crc.update(data);
    int value = (int) crc.getValue();
    return little(Integer.BYTES).putInt(Integer.rotateRight(value, 15) + 0xa282ead8).array();
  }

  private static void key(ByteArrayOutputStream to, int field, int type) {
    to.write(field << 3 | type);
  }

  private static void bytes(ByteArrayOutputStream to, int field, byte[] content) {
    key(to, field, BYTES);
    varint(to, content.length);
    to.writeBytes(content);
  }

  private static void varint(ByteArrayOutputStream to, long value) {
    long left = value;
    while (left >= 0x80) {
      to.write((int) (left & 0x7f) | 0x80);
      left >>>= 7;
    }
    to.write((int) left);
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
