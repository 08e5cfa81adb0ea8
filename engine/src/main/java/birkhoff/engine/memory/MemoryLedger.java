package birkhoff.engine.memory;

import birkhoff.engine.error.MemoryLimitException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who holds how much native memory. One ledger per engine; thread-safe. At {@code Engine.close()}
 * every account is back at zero, or {@link #report()} names the holder.
 */
public final class MemoryLedger {
  private final Map<String, Long> accounts = new TreeMap<>();
  private final long limit;
  private long total;
  private long peak;

  /** An empty ledger without a limit. */
  public MemoryLedger() {
    this(Long.MAX_VALUE);
  }

  /** An empty ledger that never holds more than {@code limit} bytes. */
  public MemoryLedger(long limit) {
    this.limit = limit;
  }

  /**
   * Books {@code bytes} (negative: given back) on the account {@code owner}.
   *
   * @throws MemoryLimitException when that is more than the limit allows; nothing is booked then
   */
  public synchronized void book(String owner, long bytes) {
    if (bytes > limit - total) {
      throw new MemoryLimitException(
          "native memory: "
              + bytes
              + " bytes for '"
              + owner
              + "' beside the "
              + total
              + " that are held exceed the engine's limit of "
              + limit
              + "; raise EngineConfig.withMemoryLimit or use a smaller batch, block or model");
    }
    accounts.merge(owner, bytes, Long::sum);
    accounts.values().removeIf(v -> v == 0);
    total += bytes;
    peak = Math.max(peak, total);
  }

  /** Bytes held now. */
  public synchronized long total() {
    return total;
  }

  /** The largest {@link #total()} so far. */
  public synchronized long peak() {
    return peak;
  }

  /** One line per account with bytes outstanding; empty when nothing is held. */
  public synchronized String report() {
    var lines = new StringBuilder();
    accounts.forEach((owner, bytes) -> lines.append(owner).append(": ").append(bytes).append('\n'));
    return lines.toString();
  }
}
