package birkhoff.transformer.config;

import birkhoff.transformer.error.UsageException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Named starting points. A preset sets some keys; files and options override it. */
public enum Preset {
  TINY(
      "tiny",
      "go-mHC streams (d=4, s=2) that learn the built-in corpus in about three minutes",
      Map.of()),
  BABY(
      "baby",
      "nanoGPT's run for a CPU: 4 layers, width 128, 2,000 steps of 12 × 64 tokens",
      Map.ofEntries(
          Map.entry("hyper_conn_type", "none"),
          Map.entry("n_layer", "4"),
          Map.entry("n_head", "4"),
          Map.entry("n_embd", "128"),
          Map.entry("block_size", "64"),
          Map.entry("batch_size", "12"),
          Map.entry("max_iters", "2000"),
          Map.entry("learning_rate", "1e-3"),
          Map.entry("min_lr", "1e-4"),
          Map.entry("warmup_iters", "100"),
          Map.entry("beta2", "0.99"))),
  BABY_MUON(
      BABY,
      "baby-muon",
      "the model of baby, as good after 440 steps of Muon",
      Map.ofEntries(
          Map.entry("max_iters", "440"),
          Map.entry("optimizer", "muon"),
          Map.entry("learning_rate", "0.015"),
          Map.entry("min_lr", "0"),
          Map.entry("lr_schedule", "linear"),
          Map.entry("warmup_iters", "10"))),
  CHAR(
      "char",
      "nanoGPT's characters: 6 layers, width 384, 256 tokens",
      Map.ofEntries(
          Map.entry("hyper_conn_type", "none"),
          Map.entry("n_layer", "6"),
          Map.entry("n_head", "6"),
          Map.entry("n_embd", "384"),
          Map.entry("block_size", "256"),
          Map.entry("batch_size", "16"),
          Map.entry("max_iters", "5000"),
          Map.entry("dropout", "0.2"),
          Map.entry("learning_rate", "1e-3"),
          Map.entry("min_lr", "1e-4"),
          Map.entry("beta2", "0.99"))),
  GPT30M(
      "gpt30m",
      "6 layers, width 384, 256 tokens, a vocabulary of 50304",
      Map.ofEntries(
          Map.entry("hyper_conn_type", "none"),
          Map.entry("n_layer", "6"),
          Map.entry("n_head", "6"),
          Map.entry("n_embd", "384"),
          Map.entry("block_size", "256"),
          Map.entry("batch_size", "8"),
          Map.entry("vocab_size", "50304"),
          Map.entry("max_iters", "10000"),
          Map.entry("learning_rate", "1e-3"),
          Map.entry("min_lr", "1e-4"),
          Map.entry("warmup_iters", "200"),
          Map.entry("beta2", "0.95"))),
  TINYSTORIES_30M(
      "tinystories-30m",
      "go-mHC's language model: gpt30m with 512 tokens, 1.3e9 of them in 20,000 steps; d=4, s=2",
      Map.ofEntries(
          Map.entry("hyper_conn_type", "go_mhc"),
          Map.entry("hyper_conn_n", "4"),
          Map.entry("hyper_conn_s", "2"),
          Map.entry("n_layer", "6"),
          Map.entry("n_head", "6"),
          Map.entry("n_embd", "384"),
          Map.entry("block_size", "512"),
          Map.entry("batch_size", "32"),
          Map.entry("gradient_accumulation_steps", "4"),
          Map.entry("vocab_size", "50304"),
          Map.entry("dropout", "0.1"),
          Map.entry("max_iters", "20000"),
          Map.entry("learning_rate", "1e-3"),
          Map.entry("min_lr", "1e-4"),
          Map.entry("warmup_iters", "500"),
          Map.entry("beta2", "0.95"),
          Map.entry("eval_interval", "500"),
          Map.entry("eval_iters", "100"))),
  GPT2_124M(
      "gpt2-124m",
      "GPT-2 small: 12 layers, width 768, biases, a vocabulary of 50304; 64 tokens",
      Map.ofEntries(
          Map.entry("hyper_conn_type", "none"),
          Map.entry("n_layer", "12"),
          Map.entry("n_head", "12"),
          Map.entry("n_embd", "768"),
          Map.entry("block_size", "64"),
          Map.entry("batch_size", "4"),
          Map.entry("vocab_size", "50304"),
          Map.entry("bias", "true"),
          Map.entry("gelu", "tanh"),
          Map.entry("max_iters", "100000"),
          Map.entry("learning_rate", "6e-4"),
          Map.entry("min_lr", "6e-5"),
          Map.entry("warmup_iters", "2000"),
          Map.entry("beta2", "0.95")));

  private final String id;
  private final String help;
  private final Map<String, String> settings;

  Preset(String id, String help, Map<String, String> settings) {
    this.id = id;
    this.help = help;
    this.settings = new LinkedHashMap<>(settings);
  }

  /** The settings of another preset, but for some. */
  Preset(Preset base, String id, String help, Map<String, String> changes) {
    this(id, help, base.settings);
    settings.putAll(changes);
  }

  /** The name on the command line. */
  public String id() {
    return id;
  }

  /** What it is, in a line. */
  public String help() {
    return help;
  }

  /** The values it sets, by key. */
  Map<String, String> settings() {
    return settings;
  }

  /** The names of all presets. */
  public static String ids() {
    return Arrays.stream(values()).map(Preset::id).collect(Collectors.joining(", "));
  }

  /**
   * The preset of that name.
   *
   * @throws UsageException when there is none
   */
  public static Preset of(String name) {
    String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
    return Arrays.stream(values())
        .filter(preset -> preset.id.equals(wanted))
        .findFirst()
        .orElseThrow(() -> new UsageException("unknown preset '" + name + "'; there are " + ids()));
  }
}
