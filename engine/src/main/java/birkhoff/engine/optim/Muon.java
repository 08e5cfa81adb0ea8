package birkhoff.engine.optim;

import birkhoff.engine.Engine;
import birkhoff.engine.autograd.Gradients;
import birkhoff.engine.kernel.OptimizerStep;
import birkhoff.engine.kernel.Reduction;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/**
 * Muon for the matrices of hidden layers, {@link AdamW} for all other parameters. The direction of
 * a matrix is its gradient's momentum (Nesterov's), made nearly orthogonal by {@link NewtonSchulz}:
 * Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024), {@code b = μ·b +
 * (1-μ)·g; d = orthogonal(μ·b + (1-μ)·g)}. Steps are {@code p = (1 - lr·wd)·p - lr·0.2·√max(rows,
 * columns)·d}, as large as those of AdamW, so that one learning rate and weight decay serve both
 * (arXiv 2502.16982, section 2.2).
 */
public final class Muon implements Optimizer {
  private static final double RMS = 0.2;
  private static final double EPS = 1e-7;

  /** Numbers that are worked on together, or one matrix. */
  private static final long MOST = 1L << 21;

  /** Momentum μ in [0, 1) and weight decay of at least 0. */
  public record Options(double momentum, double weightDecay) {
    public Options {
      if (!(momentum >= 0 && momentum < 1 && weightDecay >= 0)) {
        throw new IllegalArgumentException(
            "muon: momentum="
                + momentum
                + " weightDecay="
                + weightDecay
                + "; momentum lies in [0, 1), weight decay is not negative");
      }
    }
  }

  /**
   * A matrix of a hidden layer, {@code [rows, columns]}.
   *
   * @param pieces equal numbers of rows that are matrices of their own, such as a fused projection
   *     to queries, keys and values
   */
  public record Hidden(Parameter parameter, int pieces) {
    public Hidden {
      Tensor t = parameter.tensor();
      if (t.shape().rank() != 2 || pieces < 1 || t.size(0) % pieces != 0) {
        throw new IllegalArgumentException(
            "muon: parameter " + parameter.name() + " " + t.shape() + " in " + pieces + " pieces");
      }
    }
  }

  private record Piece(int parameter, long offset) {}

  /** Matrices of one size that are worked on together. */
  private record Batch(int rows, int columns, List<Piece> pieces) {
    long numbers() {
      return (long) rows * columns;
    }

    long side() {
      return Math.min(rows, columns);
    }
  }

  private final Engine engine;
  private final Options options;
  private final AdamW others;
  private final List<Parameter> hidden;
  private final List<Tensor> buffers = new ArrayList<>();
  private final List<Batch> batches;
  private final NewtonSchulz newtonSchulz;
  private final OptimizerStep kernel;
  private final Reduction reduction;
  private final long bytesMoved;
  private double lr;
  private double gradScale;

  /**
   * @param all parameters, the hidden ones among them, all hidden ones of one type
   */
  public Muon(
      Engine engine,
      Collection<Parameter> all,
      List<Hidden> hidden,
      Options options,
      AdamW.Options forOthers) {
    this.engine = engine;
    this.options = options;
    this.hidden = hidden.stream().map(Hidden::parameter).toList();
    this.others =
        new AdamW(engine, all.stream().filter(p -> !this.hidden.contains(p)).toList(), forOthers);
    this.batches = batches(hidden);
    DType dtype = hidden.isEmpty() ? DType.FLOAT32 : this.hidden.getFirst().tensor().dtype();
    long bytes = 0;
    for (Parameter p : this.hidden) {
      buffers.add(engine.persistent("optimizer state", p.tensor().spec()));
      bytes += 5 * p.tensor().spec().bytes();
    }
    this.bytesMoved = bytes;
    this.newtonSchulz =
        new NewtonSchulz(
            engine,
            dtype,
            batches.stream().mapToLong(b -> b.numbers() * b.pieces.size()).max().orElse(0),
            batches.stream().mapToLong(b -> b.side() * b.side() * b.pieces.size()).max().orElse(0));
    this.kernel = engine.kernels().optimizer(dtype);
    this.reduction = engine.kernels().reduction(dtype);
  }

  private static List<Batch> batches(List<Hidden> hidden) {
    Map<List<Integer>, List<Piece>> bySize = new LinkedHashMap<>();
    for (int i = 0; i < hidden.size(); i++) {
      Hidden h = hidden.get(i);
      Tensor t = h.parameter.tensor();
      int rows = Math.toIntExact(t.size(0) / h.pieces);
      int columns = Math.toIntExact(t.size(1));
      for (int k = 0; k < h.pieces; k++) {
        bySize
            .computeIfAbsent(List.of(rows, columns), size -> new ArrayList<>())
            .add(new Piece(i, (long) k * rows * columns));
      }
    }
    List<Batch> batches = new ArrayList<>();
    bySize.forEach((size, pieces) -> {
      long numbers = Math.max(1, (long) size.get(0) * size.get(1));
      int together = Math.clamp(MOST / numbers, 1, pieces.size());
      for (int from = 0; from < pieces.size(); from += together) {
        int to = Math.min(pieces.size(), from + together);
        batches.add(new Batch(size.get(0), size.get(1), pieces.subList(from, to)));
      }
    });
    return batches;
  }

  @Override
  public void step(Gradients gradients, double lr, double gradScale) {
    hidden.forEach(p -> gradients.of(p.tensor()));
    others.step(gradients, lr, gradScale);
    this.lr = lr;
    this.gradScale = gradScale;
    applyHidden(gradients);
  }

  @Override
  public void advance(double lr, double gradScale) {
    others.advance(lr, gradScale);
    this.lr = lr;
    this.gradScale = gradScale;
  }

  @Override
  public void apply(Gradients gradients) {
    others.apply(gradients);
    applyHidden(gradients);
  }

  private void applyHidden(Gradients gradients) {
    long start = engine.observers().begin();
    var shadows = new Shadows(engine, hidden);
    batches.forEach(batch -> apply(batch, gradients, shadows));
    engine.observers().worked("muon", bytesMoved, start);
  }

  private void apply(Batch batch, Gradients gradients, Shadows shadows) {
    var blocks =
        new Blocks(LongStream.generate(batch::numbers).limit(batch.pieces.size()).toArray());
    MemorySegment[] directions = parts(batch, newtonSchulz.matrices());
    double[] squares = lookAhead(batch, gradients, blocks, directions);
    normalize(blocks, squares, directions);
    MemorySegment done = newtonSchulz.orthogonalize(batch.rows, batch.columns, directions.length);
    move(batch, blocks, parts(batch, done), shadows);
  }

  /** The matrices of a batch, which lie one behind the other. */
  private MemorySegment[] parts(Batch batch, MemorySegment matrices) {
    MemorySegment[] parts = new MemorySegment[batch.pieces.size()];
    Arrays.setAll(parts, i -> part(matrices, i * batch.numbers(), batch.numbers()));
    return parts;
  }

  /** The pieces of a batch, each in the tensor that its parameter has in a list. */
  private MemorySegment[] pieces(Batch batch, IntFunction<Tensor> tensors) {
    return batch.pieces.stream()
        .map(p -> part(tensors.apply(p.parameter).data(), p.offset, batch.numbers()))
        .toArray(MemorySegment[]::new);
  }

  /** Updates the momenta and writes the directions; the result is a sum of squares per block. */
  private double[] lookAhead(
      Batch batch, Gradients gradients, Blocks blocks, MemorySegment[] directions) {
    MemorySegment[] grads = pieces(batch, i -> gradients.of(hidden.get(i).tensor()));
    MemorySegment[] momenta = pieces(batch, buffers::get);
    double[] squares = new double[blocks.count()];
    engine
        .team()
        .run(
            blocks.count(),
            (b, w) -> {
              Blocks.Block k = blocks.get(b);
              int i = k.tensor();
              nesterov(momenta[i], grads[i], directions[i], k.lo(), k.hi());
              squares[b] = reduction.sumSquares(directions[i], k.lo(), k.hi());
            });
    return squares;
  }

  /** Divides every direction by its norm. */
  private void normalize(Blocks blocks, double[] squares, MemorySegment[] directions) {
    int each = blocks.count() / directions.length;
    engine
        .team()
        .run(
            blocks.count(),
            (b, w) -> {
              Blocks.Block k = blocks.get(b);
              MemorySegment d = directions[k.tensor()];
              double shrink = 1 / (norm(squares, k.tensor() * each, each) + EPS);
              kernel.blend(d, shrink, d, 0, k.lo(), k.hi());
            });
  }

  private void move(Batch batch, Blocks blocks, MemorySegment[] steps, Shadows shadows) {
    MemorySegment[] weights = pieces(batch, i -> hidden.get(i).tensor());
    double size = RMS * Math.sqrt(Math.max(batch.rows, batch.columns));
    engine
        .team()
        .run(
            blocks.count(),
            (b, w) -> {
              Blocks.Block k = blocks.get(b);
              Piece piece = batch.pieces.get(k.tensor());
              boolean decay = hidden.get(piece.parameter).decay();
              double keep = decay ? 1 - lr * options.weightDecay : 1;
              kernel.blend(
                  weights[k.tensor()], keep, steps[k.tensor()], -lr * size, k.lo(), k.hi());
              shadows.follow(piece.parameter, piece.offset + k.lo(), piece.offset + k.hi());
            });
  }

  /** Updates the momentum, and looks ahead of it. */
  private void nesterov(
      MemorySegment momentum, MemorySegment grad, MemorySegment direction, long lo, long hi) {
    double mu = options.momentum;
    long bytes = hidden.getFirst().tensor().dtype().bytes();
    kernel.blend(momentum, mu, grad, (1 - mu) * gradScale, lo, hi);
    MemorySegment.copy(momentum, lo * bytes, direction, lo * bytes, (hi - lo) * bytes);
    kernel.blend(direction, mu, grad, (1 - mu) * gradScale, lo, hi);
  }

  private static double norm(double[] squares, int from, int count) {
    double sum = 0;
    for (int b = from; b < from + count; b++) {
      sum += squares[b];
    }
    return Math.sqrt(sum);
  }

  private MemorySegment part(MemorySegment all, long from, long numbers) {
    long bytes = hidden.getFirst().tensor().dtype().bytes();
    return all.asSlice(from * bytes, numbers * bytes);
  }

  @Override
  public long steps() {
    return others.steps();
  }

  @Override
  public void setSteps(long steps) {
    others.setSteps(steps);
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>(others.state());
    for (int i = 0; i < hidden.size(); i++) {
      state.put(hidden.get(i).name() + ".momentum_buffer", buffers.get(i));
    }
    return state;
  }
}
