package birkhoff.transformer.model;

import birkhoff.engine.Engine;
import birkhoff.engine.nn.Embedding;
import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.LayerNorm;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import birkhoff.transformer.residual.ResidualStream;
import birkhoff.transformer.residual.ResidualStreams;
import birkhoff.transformer.residual.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GPT-2 as nanoGPT builds it: pre-norm blocks, learned positions, a head that is the token
 * embedding or a matrix of its own. Parameters carry nanoGPT's names. Not thread-safe while
 * training.
 */
public final class Gpt {
  private static final double INIT_STD = 0.02;
  private static final int DROPOUT_PLACES = 4;

  private final GptConfig config;
  private final Parameters parameters;
  private final Embedding tokens;
  private final Embedding head;
  private final Embedding positions;
  private final ResidualStream residual;
  private final List<Block> blocks = new ArrayList<>();
  private final LayerNorm finalNorm;

  private record Block(LayerNorm norm1, CausalSelfAttention attention, LayerNorm norm2, Mlp mlp) {}

  /** A freshly initialised float32 model. */
  public static Gpt create(Engine engine, GptConfig config, long seed) {
    return new Gpt(config, new Parameters(engine, DType.FLOAT32, seed));
  }

  /**
   * The same for training in mixed precision: products read bfloat16, parameters and everything
   * else stay float32.
   */
  public static Gpt mixed(Engine engine, GptConfig config, long seed) {
    return new Gpt(config, Parameters.mixed(engine, seed));
  }

  /**
   * A model for inference only, whose matrices are kept in {@code weights}: {@code BFLOAT16} halves
   * what is read per token. Everything else is float32.
   */
  public static Gpt forInference(Engine engine, GptConfig config, DType weights, long seed) {
    return new Gpt(config, Parameters.forInference(engine, weights, seed));
  }

  /** A model whose parameters are created in {@code parameters}, which must be empty. */
  public Gpt(GptConfig config, Parameters parameters) {
    this.config = config;
    this.parameters = parameters;
    Initializer init = Initializer.normal(INIT_STD);
    Initializer last = Initializer.normal(INIT_STD / Math.sqrt(2.0 * config.nLayer()));
    int c = config.nEmbd();
    String wte = "transformer.wte";
    tokens =
        config.tiedHead()
            ? Embedding.forProducts(parameters, wte, config.vocabSize(), c, init)
            : new Embedding(parameters, wte, config.vocabSize(), c, init);
    positions = new Embedding(parameters, "transformer.wpe", config.blockSize(), c, init);
    List<String> sublayers = new ArrayList<>();
    for (int i = 0; i < config.nLayer(); i++) {
      String h = "transformer.h." + i;
      blocks.add(
          new Block(
              LayerNorm.forProducts(parameters, h + ".ln_1", c, config.bias()),
              new CausalSelfAttention(parameters, h + ".attn", config, init, last),
              LayerNorm.forProducts(parameters, h + ".ln_2", c, config.bias()),
              new Mlp(parameters, h + ".mlp", config, init, last)));
      sublayers.add(h + ".hc_attn");
      sublayers.add(h + ".hc_mlp");
    }
    finalNorm = new LayerNorm(parameters, "transformer.ln_f", c, config.bias());
    head =
        config.tiedHead()
            ? tokens
            : Embedding.forProducts(parameters, "lm_head", config.vocabSize(), c, init);
    residual = ResidualStreams.create(parameters, config.residual(), c, sublayers);
  }

  public GptConfig config() {
    return config;
  }

  public Parameters parameters() {
    return parameters;
  }

  /**
   * The blocks' matrices with the number of equal pieces that their rows consist of: queries, keys
   * and values are projected together.
   */
  public Map<Parameter, Integer> hiddenMatrices() {
    Map<Parameter, Integer> matrices = new LinkedHashMap<>();
    for (int i = 0; i < config.nLayer(); i++) {
      String block = "transformer.h." + i;
      matrices.put(parameters.get(block + ".attn.c_attn.weight"), 3);
      for (String name : List.of(".attn.c_proj", ".mlp.c_fc", ".mlp.c_proj")) {
        matrices.put(parameters.get(block + name + ".weight"), 1);
      }
    }
    return matrices;
  }

  /** The final hidden states {@code [b, t, c]} of INT32 {@code ids[b, t]}. */
  public Tensor hidden(Ops ops, Tensor ids, DropoutKeys keys) {
    return hidden(ops, ids, keys, StreamObserver.NOBODY);
  }

  /** The same with somebody who looks at the streams on the way. */
  public Tensor hidden(Ops ops, Tensor ids, DropoutKeys keys, StreamObserver observer) {
    return hidden(
        ops,
        ids,
        positions.table(),
        keys,
        observer,
        (i, h) -> blocks.get(i).attention.forward(ops, h, keys, place(i)));
  }

  /** Attention of one block on its normalized input. */
  @FunctionalInterface
  private interface Attend {
    Tensor apply(int block, Tensor h);
  }

  private static int place(int block) {
    return 1 + block * DROPOUT_PLACES;
  }

  private Tensor hidden(
      Ops ops,
      Tensor ids,
      Tensor places,
      DropoutKeys keys,
      StreamObserver observer,
      Attend attend) {
    Tensor x = ops.tokenPositionEmbedding(tokens.table(), ids, places);
    ResidualStream.Pass pass =
        residual.begin(ops, keys.dropout(ops, x, config.dropout(), 0), observer);
    for (int i = 0; i < blocks.size(); i++) {
      Block b = blocks.get(i);
      int block = i;
      pass.sublayer(2 * i, b.norm1, h -> attend.apply(block, h));
      pass.sublayer(2 * i + 1, b.norm2, h -> b.mlp.forward(ops, h, keys, place(block) + 2));
    }
    return pass.finish(finalNorm);
  }

  /** Mean cross-entropy in nats of INT32 {@code targets[b, t]}; the logits are never held whole. */
  public Tensor loss(Ops ops, Tensor ids, Tensor targets, DropoutKeys keys) {
    Tensor h = hidden(ops, ids, keys);
    Tensor rows = ops.reshape(h, targets.count(), config.nEmbd());
    Tensor loss = head.loss(ops, rows, targets.reshape(targets.count()));
    ops.forget(h);
    return loss;
  }

  /** Logits {@code [b, t, vocab]} of every position. */
  public Tensor logits(Ops ops, Tensor ids) {
    return ops.linear(hidden(ops, ids, DropoutKeys.OFF), head.table(), null);
  }

  /** Logits {@code [b, vocab]} of the last position, for sampling. */
  public Tensor lastLogits(Ops ops, Tensor ids) {
    return lastLogitsOf(ops, hidden(ops, ids, DropoutKeys.OFF));
  }

  /**
   * Logits {@code [b, vocab]} of the last of INT32 {@code ids[b, t]}, which follow the positions in
   * the cache and join them. What {@link #lastLogits} gives for all of them, up to rounding.
   *
   * @throws IllegalArgumentException when they do not fit into the cache
   */
  public Tensor nextLogits(Ops ops, Tensor ids, KvCache cache) {
    int t = Math.toIntExact(ids.size(1));
    if (ids.size(0) != cache.batch()) {
      throw new IllegalArgumentException(
          "ids " + ids.shape() + " for a cache of " + cache.batch() + " sequences");
    }
    cache.begin(t);
    Tensor logits = nextLogits(ops, ids, cache, t);
    cache.grow(t);
    return logits;
  }

  /** The work of {@link #nextLogits} only: what differs from token to token, the cache tells it. */
  Tensor nextLogits(Ops ops, Tensor ids, KvCache cache, int t) {
    Tensor places = positions.forward(ops, cache.places(t));
    Tensor h =
        hidden(
            ops,
            ids,
            places,
            DropoutKeys.OFF,
            StreamObserver.NOBODY,
            (i, x) -> blocks.get(i).attention.forward(ops, x, cache, i));
    return lastLogitsOf(ops, h);
  }

  private Tensor lastLogitsOf(Ops ops, Tensor h) {
    long t = h.size(1);
    Tensor last = ops.contiguous(ops.slice(h, 1, t - 1, t));
    return ops.linear(ops.reshape(last, h.size(0), config.nEmbd()), head.table(), null);
  }

  /**
   * Bytes of the parameters that one token's forward pass reads: all but the unused rows of tables.
   */
  public long bytesPerToken() {
    long bytes = 0;
    for (Parameter p : parameters.all()) {
      bytes += p.tensor().spec().bytes();
    }
    bytes -= unusedBytes(positions);
    return config.tiedHead() ? bytes : bytes - unusedBytes(tokens);
  }

  /** All rows of a table but one. */
  private static long unusedBytes(Embedding embedding) {
    long bytes = embedding.table().spec().bytes();
    return bytes - bytes / embedding.table().size(0);
  }
}
