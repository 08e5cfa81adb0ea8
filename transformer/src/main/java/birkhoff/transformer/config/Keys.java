package birkhoff.transformer.config;

import static birkhoff.transformer.config.Key.Group.DATA;
import static birkhoff.transformer.config.Key.Group.MODEL;
import static birkhoff.transformer.config.Key.Group.OPTIMIZER;
import static birkhoff.transformer.config.Key.Group.RESIDUAL;
import static birkhoff.transformer.config.Key.Group.RUN;
import static birkhoff.transformer.config.Key.Group.SYSTEM;
import static birkhoff.transformer.config.Key.OnResume.FIXED;
import static birkhoff.transformer.config.Key.OnResume.FREE;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All configuration keys. The defaults are those of the preset {@code tiny}. */
public final class Keys {
  public static final Key<String> OUT_DIR =
      text("out_dir", "DIR", "out", RUN, FREE, "Folder of checkpoints, metrics and the report.");
  public static final Key<String> INIT_FROM =
      text(
          "init_from",
          "WHERE",
          "scratch",
          RUN,
          FREE,
          "scratch, resume (the newest checkpoint in out_dir), a checkpoint's folder, or hf:DIR.");
  public static final Key<Integer> MAX_ITERS =
      integer("max_iters", 0, 3500, RUN, FREE, "Optimizer steps in all.");
  public static final Key<Integer> EVAL_INTERVAL =
      integer("eval_interval", 1, 250, RUN, FREE, "Steps between evaluations and checkpoints.");
  public static final Key<Integer> EVAL_ITERS =
      integer("eval_iters", 1, 20, RUN, FREE, "Micro-batches per evaluation and split.");
  public static final Key<Integer> LOG_INTERVAL =
      integer("log_interval", 1, 10, RUN, FREE, "Steps between logged lines.");
  public static final Key<Boolean> EVAL_ONLY =
      bool("eval_only", false, RUN, FREE, "Evaluate once and stop without training.");
  public static final Key<Boolean> ALWAYS_SAVE_CHECKPOINT =
      bool(
          "always_save_checkpoint",
          true,
          RUN,
          FREE,
          "Save at every evaluation; otherwise only when the validation loss improved.");
  public static final Key<Integer> KEEP_LAST =
      integer("keep_last", 1, 2, RUN, FREE, "Checkpoints that are kept besides the best one.");
  public static final Key<Integer> KEEP_EVERY =
      integer(
          "keep_every", 0, 0, RUN, FREE, "Checkpoints of multiples of this step stay; 0: none.");
  public static final Key<Integer> EARLY_STOPPING =
      integer(
          "early_stopping",
          0,
          0,
          RUN,
          FREE,
          "End after so many evaluations without a lower validation loss; 0 for never.");
  public static final Key<Boolean> TENSORBOARD =
      bool("tensorboard", false, RUN, FREE, "Also write event files for TensorBoard to out_dir.");
  public static final Key<Integer> SAMPLE_INTERVAL =
      integer("sample_interval", 0, 500, RUN, FREE, "Steps between printed samples; 0 for none.");
  public static final Key<Integer> SAMPLE_TOKENS =
      integer("sample_tokens", 1, 200, RUN, FREE, "Length of the samples while training.");
  public static final Key<String> PROMPT =
      text(
          "prompt",
          "TEXT",
          "",
          RUN,
          FREE,
          "How the samples while training begin; empty for a line feed.");

  public static final Key<String> DATASET =
      text(
          "dataset",
          "PATH",
          "",
          DATA,
          FREE,
          "A text file, a folder of text files or a prepared folder; empty for the built-in"
              + " corpus.");
  public static final Key<String> TOKENIZER =
      text(
          "tokenizer",
          "NAME",
          "char",
          DATA,
          FIXED,
          "char, byte, gpt2, bpe:N or a tokenizer.json; a prepared folder has its own.");
  public static final Key<String> SAMPLING =
      choice(
          "sampling",
          List.of("random", "sequential"),
          DATA,
          FIXED,
          "How training windows are chosen.");
  public static final Key<Integer> BATCH_SIZE =
      integer("batch_size", 1, 12, DATA, FIXED, "Sequences per micro-batch.");
  public static final Key<Integer> GRADIENT_ACCUMULATION_STEPS =
      integer("gradient_accumulation_steps", 1, 1, DATA, FIXED, "Micro-batches per step.");

  public static final Key<Integer> BLOCK_SIZE =
      integer("block_size", 1, 64, MODEL, FIXED, "Tokens per sequence (T).");
  public static final Key<Integer> N_LAYER =
      integer("n_layer", 1, 4, MODEL, FIXED, "Transformer blocks (L).");
  public static final Key<Integer> N_HEAD =
      integer("n_head", 1, 4, MODEL, FIXED, "Attention heads (NH).");
  public static final Key<Integer> N_EMBD =
      integer("n_embd", 1, 128, MODEL, FIXED, "Feature width (C), a multiple of n_head.");
  public static final Key<Integer> VOCAB_SIZE =
      integer(
          "vocab_size",
          0,
          0,
          MODEL,
          FIXED,
          "Rows of the embedding; 0 takes the tokenizer's number.");
  public static final Key<Boolean> BIAS =
      bool("bias", false, MODEL, FIXED, "Biases in linear layers and layer norms.");
  public static final Key<String> GELU =
      choice("gelu", List.of("erf", "tanh"), MODEL, FIXED, "The exact GELU or GPT-2's formula.");
  public static final Key<Boolean> TIE_WORD_EMBEDDINGS =
      bool(
          "tie_word_embeddings",
          true,
          MODEL,
          FIXED,
          "The token embedding is the head too; otherwise the head is a matrix of its own.");
  public static final Key<Double> DROPOUT =
      number("dropout", 0, 1, false, 0, MODEL, FREE, "Probability of dropping an activation.");

  public static final Key<String> HYPER_CONN_TYPE =
      choice(
          "hyper_conn_type",
          List.of(
              "go_mhc",
              "none",
              "hc",
              "identity",
              "unconstrained",
              "mhc",
              "mhc_lite",
              "kromhc",
              "go_kromhc"),
          RESIDUAL,
          FIXED,
          "The plain residual, unconstrained hyper-connections, or streams with a mixer.");
  public static final Key<Integer> HYPER_CONN_N =
      new Key<>("hyper_conn_n", new Kind.Int(1, 32), 4, RESIDUAL, FIXED, "Residual streams (d).");
  public static final Key<Integer> HYPER_CONN_S =
      new Key<>("hyper_conn_s", new Kind.Int(1, 8), 2, RESIDUAL, FIXED, "Block size (s).");
  public static final Key<String> HYPER_CONN_FACTORS =
      text(
          "hyper_conn_factors",
          "AxB",
          "",
          RESIDUAL,
          FIXED,
          "Sizes of Kronecker factors, such as 4x2; by default primes for kromhc, two for"
              + " go_kromhc.");
  public static final Key<Integer> HYPER_CONN_ITERATIONS =
      new Key<>(
          "hyper_conn_iterations",
          new Kind.Int(1, 1000),
          20,
          RESIDUAL,
          FIXED,
          "Sinkhorn-Knopp iterations of mhc.");
  public static final Key<String> HYPER_CONN_SKEW =
      choice(
          "hyper_conn_skew",
          List.of("triangle", "full"),
          RESIDUAL,
          FIXED,
          "Skew-symmetric matrices from their triangle, or from a full matrix (Adam's steps"
              + " double).");
  public static final Key<Double> HYPER_CONN_GUARD =
      number(
          "hyper_conn_guard",
          0,
          1e6,
          true,
          0,
          RESIDUAL,
          FIXED,
          "Radius that entries of skew-symmetric matrices are kept within; 0 for none.");
  public static final Key<String> HYPER_CONN_COLLAPSE =
      choice(
          "hyper_conn_collapse",
          List.of("sum", "mean"),
          RESIDUAL,
          FIXED,
          "What goes on at the end: the streams' sum, or their mean, which starts like a plain"
              + " residual.");
  public static final Key<Double> HYPER_CONN_INIT_EPS =
      number(
          "hyper_conn_init_eps",
          0,
          1,
          false,
          0.006,
          RESIDUAL,
          FIXED,
          "Off-diagonal mass per row of a fresh mixer.");

  public static final Key<String> OPTIMIZER_NAME =
      choice(
          "optimizer",
          List.of("adamw", "muon", "sgd"),
          OPTIMIZER,
          FIXED,
          "Update rule; muon is for the blocks' matrices, with adamw for the rest.");
  public static final Key<Double> MOMENTUM =
      number("momentum", 0, 1, false, 0.95, OPTIMIZER, FREE, "Momentum of muon and sgd.");
  public static final Key<Double> LEARNING_RATE =
      number("learning_rate", 0, 1e6, true, 2e-3, OPTIMIZER, FREE, "Highest learning rate.");
  public static final Key<Boolean> DECAY_LR =
      bool(
          "decay_lr", true, OPTIMIZER, FREE, "Follow lr_schedule; otherwise no warm-up, constant.");
  public static final Key<String> LR_SCHEDULE =
      choice(
          "lr_schedule",
          List.of("cosine", "linear", "constant", "wsd"),
          OPTIMIZER,
          FREE,
          "After the warm-up: down to min_lr, constant, or constant and then down (wsd).");
  public static final Key<Double> LR_DECAY_FRACTION =
      number(
          "lr_decay_fraction",
          0,
          1,
          true,
          0.2,
          OPTIMIZER,
          FREE,
          "Share of lr_decay_iters, at their end, over which wsd goes down.");
  public static final Key<Integer> WARMUP_ITERS =
      integer("warmup_iters", 0, 100, OPTIMIZER, FREE, "Steps of linear warm-up.");
  public static final Key<Integer> LR_DECAY_ITERS =
      integer(
          "lr_decay_iters", 0, 0, OPTIMIZER, FREE, "Step where min_lr is met; 0 for max_iters.");
  public static final Key<Double> MIN_LR =
      number("min_lr", 0, 1e6, true, 1e-4, OPTIMIZER, FREE, "Lowest learning rate.");
  public static final Key<Double> WEIGHT_DECAY =
      number("weight_decay", 0, 1e6, true, 0.1, OPTIMIZER, FREE, "Decoupled decay of matrices.");
  public static final Key<Double> BETA1 =
      number("beta1", 0, 1, false, 0.9, OPTIMIZER, FREE, "Decay of the first moment.");
  public static final Key<Double> BETA2 =
      number("beta2", 0, 1, false, 0.99, OPTIMIZER, FREE, "Decay of the second moment.");
  public static final Key<Double> GRAD_CLIP =
      number("grad_clip", 0, 1e30, true, 1.0, OPTIMIZER, FREE, "Largest gradient norm; 0 for any.");

  public static final Key<Long> SEED =
      new Key<>("seed", new Kind.Int64(), 1337L, SYSTEM, FIXED, "Seed of everything random.");
  public static final Key<String> DTYPE =
      choice(
          "dtype",
          List.of("float32", "bfloat16"),
          SYSTEM,
          FIXED,
          "Precision of matrix products; everything else is float32.");
  public static final Key<Integer> THREADS =
      integer("threads", 0, 0, SYSTEM, FREE, "Worker threads; 0 for the available processors.");
  public static final Key<String> KERNELS =
      choice(
          "kernels",
          List.of("auto", "scalar", "vector", "openblas"),
          SYSTEM,
          FREE,
          "Which kernels compute.");

  private static final Map<String, Key<?>> ALL = collect();

  private Keys() {}

  /** All keys by name, in declaration order. */
  public static Map<String, Key<?>> all() {
    return ALL;
  }

  private static Map<String, Key<?>> collect() {
    Map<String, Key<?>> keys = new LinkedHashMap<>();
    List<Key<?>> declared =
        List.of(
            OUT_DIR,
            INIT_FROM,
            MAX_ITERS,
            EVAL_INTERVAL,
            EVAL_ITERS,
            LOG_INTERVAL,
            EVAL_ONLY,
            ALWAYS_SAVE_CHECKPOINT,
            KEEP_LAST,
            KEEP_EVERY,
            EARLY_STOPPING,
            TENSORBOARD,
            SAMPLE_INTERVAL,
            SAMPLE_TOKENS,
            PROMPT,
            DATASET,
            TOKENIZER,
            SAMPLING,
            BATCH_SIZE,
            GRADIENT_ACCUMULATION_STEPS,
            BLOCK_SIZE,
            N_LAYER,
            N_HEAD,
            N_EMBD,
            VOCAB_SIZE,
            BIAS,
            GELU,
            TIE_WORD_EMBEDDINGS,
            DROPOUT,
            HYPER_CONN_TYPE,
            HYPER_CONN_N,
            HYPER_CONN_S,
            HYPER_CONN_INIT_EPS,
            HYPER_CONN_FACTORS,
            HYPER_CONN_ITERATIONS,
            HYPER_CONN_SKEW,
            HYPER_CONN_GUARD,
            HYPER_CONN_COLLAPSE,
            OPTIMIZER_NAME,
            MOMENTUM,
            LEARNING_RATE,
            DECAY_LR,
            LR_SCHEDULE,
            LR_DECAY_FRACTION,
            WARMUP_ITERS,
            LR_DECAY_ITERS,
            MIN_LR,
            WEIGHT_DECAY,
            BETA1,
            BETA2,
            GRAD_CLIP,
            SEED,
            DTYPE,
            THREADS,
            KERNELS);
    declared.forEach(key -> keys.put(key.name(), key));
    return Collections.unmodifiableMap(keys);
  }

  private static Key<Integer> integer(
      String name, int min, int fallback, Key.Group group, Key.OnResume onResume, String help) {
    return new Key<>(name, new Kind.Int(min, Integer.MAX_VALUE), fallback, group, onResume, help);
  }

  private static Key<Double> number(
      String name,
      double min,
      double max,
      boolean maxIncluded,
      double fallback,
      Key.Group group,
      Key.OnResume onResume,
      String help) {
    return new Key<>(name, new Kind.Number(min, max, maxIncluded), fallback, group, onResume, help);
  }

  private static Key<Boolean> bool(
      String name, boolean fallback, Key.Group group, Key.OnResume onResume, String help) {
    return new Key<>(name, new Kind.Bool(), fallback, group, onResume, help);
  }

  /** The first word is the default. */
  private static Key<String> choice(
      String name, List<String> words, Key.Group group, Key.OnResume onResume, String help) {
    return new Key<>(name, new Kind.Choice(words), words.get(0), group, onResume, help);
  }

  private static Key<String> text(
      String name,
      String label,
      String fallback,
      Key.Group group,
      Key.OnResume onResume,
      String help) {
    return new Key<>(name, new Kind.Text(label), fallback, group, onResume, help);
  }
}
