package birkhoff.engine.op.mixing;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.op.reduce.Sums;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Backward of {@link Reading}. The caller runs {@link #gates} and then {@link #streams} on every
 * block of tokens and {@link #finish} afterwards.
 */
final class ReadingVjp {
  /** Columns of the generator whose gradient one task works out. */
  private static final long COLUMNS = 256;

  private static final long PANELS = 8;

  private final Reading r;
  private final Cotangents g;
  private final Execution x;
  private final int input;
  private final List<Tensor> temporary = new ArrayList<>();
  private final Tensor partialSums;
  private final long slot;
  private final MemorySegment gu;
  private final MemorySegment gpost;
  private final MemorySegment gz;
  private final MemorySegment gpre;
  private final MemorySegment graw;
  private final MemorySegment grrms;
  private final MemorySegment partial;
  private final MemorySegment packed;

  /**
   * @param input place of the generator, before gate and bias
   * @param output place of u, before post and z
   */
  ReadingVjp(Execution x, Operands o, Cotangents g, Reading r, int input, int output) {
    this.x = x;
    this.g = g;
    this.r = r;
    this.input = input;
    this.gu = orZeros(o, output);
    this.gpost = orZeros(o, output + 1);
    this.gz = orZeros(o, output + 2);
    TensorSpec u = o.out(output).spec();
    this.gpre = take(r.n.perToken(r.n.d(), u.dtype())).data();
    this.graw = take(r.n.perToken(r.gates.rows(), u.dtype())).data();
    this.grrms = take(TensorSpec.of(Shape.of(r.n.tokens()), u.dtype())).data();
    this.slot = 3L + r.gates.rows();
    int blocks = Math.max(1, r.n.blocks().blocks());
    this.partialSums = take(TensorSpec.of(Shape.of(blocks, slot), u.dtype()));
    this.partial = partialSums.data();
    long numbers = Mixing.packed(r.gates.rows(), r.inner());
    this.packed = take(TensorSpec.of(Shape.of(numbers), u.dtype())).data();
    x.parallel(
        new Partition(Mixing.panels(r.inner()), PANELS),
        (lo, hi, w) -> r.k.packGenerator(r.generator, packed, r.gates.rows(), r.inner(), lo, hi));
  }

  private Tensor take(TensorSpec spec) {
    Tensor t = x.allocate(spec);
    temporary.add(t);
    return t;
  }

  private MemorySegment orZeros(Operands o, int output) {
    Tensor given = g.of(output);
    if (given != null) {
      return given.data();
    }
    Tensor zeros = take(o.out(output).spec());
    x.fill(zeros, 0);
    return zeros.data();
  }

  /** Gradients of the maps' arguments; those of gate and bias as sums of the block. */
  void gates(int block, long lo, long hi) {
    long tokens = r.n.tokens();
    r.k.streamReadGates(r.streams, gu, gpre, r.n.d(), r.n.width(), tokens, lo, hi);
    r.k.gatesVjp(
        r.gates,
        r.raw,
        r.rrms,
        r.gate,
        r.pre,
        r.post,
        gpre,
        gpost,
        gz,
        graw,
        grrms,
        partial,
        block * slot,
        tokens,
        lo,
        hi);
  }

  /** What reading, the root mean square and the generator give back to the streams. */
  void streams(MemorySegment gx, boolean accumulate, long lo, long hi) {
    var n = r.n;
    r.k.streamReadVjp(
        r.streams, r.pre, gu, r.rrms, grrms, gx, accumulate, n.d(), n.width(), n.tokens(), lo, hi);
    r.k.generateVjp(graw, packed, gx, r.gates.rows(), r.inner(), n.tokens(), lo, hi);
  }

  /** Gradients of generator, gate and bias. */
  void finish() {
    if (g.wants(input)) {
      Cotangents.Target t = g.into(input);
      var target = t.tensor().data();
      boolean accumulate = t.accumulate();
      x.parallel(
          new Partition(r.inner(), COLUMNS),
          (lo, hi, w) ->
              r.k.generatorVjp(
                  graw,
                  r.streams,
                  target,
                  accumulate,
                  r.gates.rows(),
                  r.inner(),
                  r.n.tokens(),
                  lo,
                  hi));
    }
    addPartial(input + 1, 0);
    addPartial(input + 2, 3);
    temporary.forEach(Execution::release);
  }

  private void addPartial(int place, long from) {
    if (g.wants(place)) {
      Cotangents.Target t = g.into(place);
      Sums.addRows(
          x,
          partialSums,
          r.n.blocks().blocks(),
          slot,
          from,
          t.tensor().count(),
          t.tensor().data(),
          t.accumulate());
    }
  }
}
