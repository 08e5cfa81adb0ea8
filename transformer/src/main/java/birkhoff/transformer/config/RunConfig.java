package birkhoff.transformer.config;

import birkhoff.transformer.error.UsageException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The effective configuration: a value for every key, checked, and where each came from. Immutable.
 */
public final class RunConfig {
  /** A value and the preset, file or option that set it. */
  record Setting(Object value, String origin) {}

  /** A key whose value differs between two configurations. */
  public record Difference(Key<?> key, Object before, Object now) {
    @Override
    public String toString() {
      return key.name() + " (" + before + " there, " + now + " here)";
    }
  }

  private final Map<Key<?>, Setting> settings;

  private RunConfig(Map<Key<?>, Setting> settings) {
    this.settings = Collections.unmodifiableMap(settings);
  }

  /** Checks the rules that involve several keys. */
  static RunConfig of(Map<Key<?>, Setting> explicit) {
    Map<Key<?>, Setting> settings = new LinkedHashMap<>();
    for (Key<?> key : Keys.all().values()) {
      settings.put(key, explicit.getOrDefault(key, new Setting(key.fallback(), "default")));
    }
    var config = new RunConfig(settings);
    config.checkRules();
    return config;
  }

  /** The value of a key. */
  @SuppressWarnings("unchecked") // settings are written through typed keys only
  public <T> T get(Key<T> key) {
    return (T) settings.get(key).value();
  }

  /** Where the value came from: {@code default}, a preset, a file or an option. */
  public String origin(Key<?> key) {
    return settings.get(key).origin();
  }

  /** A copy with one value replaced. */
  public <T> RunConfig with(Key<T> key, T value) {
    Map<Key<?>, Setting> copy = new LinkedHashMap<>(settings);
    copy.put(key, new Setting(Objects.requireNonNull(value), "derived"));
    return RunConfig.of(copy);
  }

  /** All values by key name, in declaration order. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    settings.forEach((key, setting) -> values.put(key.name(), setting.value()));
    return values;
  }

  /** The keys that a resumed run must not change and whose values differ from this one's. */
  public List<Difference> fixedDifferences(RunConfig now) {
    List<Difference> differences = new ArrayList<>();
    for (Key<?> key : settings.keySet()) {
      if (key.onResume() == Key.OnResume.FIXED && !get(key).equals(now.get(key))) {
        differences.add(new Difference(key, get(key), now.get(key)));
      }
    }
    return differences;
  }

  /** The step at which the learning rate has fallen to {@code min_lr}. */
  public int lrDecayIters() {
    int steps = get(Keys.LR_DECAY_ITERS);
    return steps == 0 ? get(Keys.MAX_ITERS) : steps;
  }

  private void checkRules() {
    if (get(Keys.N_EMBD) % get(Keys.N_HEAD) != 0) {
      throw new UsageException(
          "n_embd=" + get(Keys.N_EMBD) + " must be a multiple of n_head=" + get(Keys.N_HEAD));
    }
    if (get(Keys.DECAY_LR) && get(Keys.MIN_LR) > get(Keys.LEARNING_RATE)) {
      throw new UsageException(
          "min_lr="
              + get(Keys.MIN_LR)
              + " must not exceed learning_rate="
              + get(Keys.LEARNING_RATE)
              + "; lower it or set decay_lr=false");
    }
  }
}
