package birkhoff.engine.op.mixing;

import birkhoff.engine.kernel.Mixing;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What {@link StreamWrite} and {@link StreamWriteRead} share. Operands from place 0: {@code x[…, d,
 * width]}, {@code h[d·d, tokens]}, {@code post[d, tokens]}, {@code f[…, width]}; result 0: {@code
 * y}.
 */
final class Writing {
  private static final int INPUTS = 4;

  final StreamShapes n;
  private final Mixing k;
  private final MemorySegment streams;
  private final MemorySegment h;
  private final MemorySegment post;
  private final MemorySegment f;

  Writing(Execution x, String op, Operands o) {
    this.n = StreamShapes.of(op, o.in(0).shape());
    this.k = x.kernels().mixing(o.in(0).dtype());
    this.streams = o.in(0).data();
    this.h = o.in(1).data();
    this.post = o.in(2).data();
    this.f = o.in(3).data();
  }

  /** Checks operands 0 to 3. */
  static StreamShapes check(String op, List<TensorSpec> in) {
    Check.floating(op, in);
    Check.rank(op, in.getFirst(), 2);
    Shape x = in.getFirst().shape();
    var n = StreamShapes.of(op, x);
    Check.that(n.d() > 0, op, in, "there must be a stream");
    Check.shape(op, "h", in.get(1), Shape.of((long) n.d() * n.d(), n.tokens()));
    Check.shape(op, "post", in.get(2), Shape.of(n.d(), n.tokens()));
    Check.shape(op, "f", in.get(3), x.without(-2));
    return n;
  }

  /** y of tokens {@code [lo, hi)} and, unless it is null, rrms of y. */
  void block(MemorySegment y, MemorySegment rrms, double eps, long lo, long hi) {
    k.streamWrite(streams, h, post, f, y, rrms, eps, n.d(), n.width(), n.tokens(), lo, hi);
  }

  /** Backward; the gradient of x takes the memory of that of y. */
  final class Vjp {
    private final Tensor[] gradients = new Tensor[INPUTS];
    private final ThreadTeam team;
    private final long scratch;
    private final MemorySegment gh;
    private final MemorySegment gpost;
    private final MemorySegment gf;
    private final MemorySegment gy;

    /**
     * @param gy gradient of y, which no one else reads
     */
    Vjp(Execution x, Operands o, Tensor gy) {
      gradients[0] = gy;
      for (int i = 1; i < INPUTS; i++) {
        gradients[i] = x.allocate(o.in(i).spec());
      }
      this.team = x.team();
      this.scratch = (long) n.d() * n.width() * o.in(0).dtype().bytes();
      this.gy = gy.data();
      this.gh = gradients[1].data();
      this.gpost = gradients[2].data();
      this.gf = gradients[3].data();
    }

    void block(int worker, long lo, long hi) {
      k.streamWriteVjp(streams, post, f, gy, gf, gh, gpost, n.d(), n.width(), n.tokens(), lo, hi);
      MemorySegment token = team.scratch(worker, scratch);
      k.mixTransposed(h, gy, token, n.d(), n.width(), n.tokens(), lo, hi);
    }

    void finish(Cotangents g) {
      for (int i = 0; i < INPUTS; i++) {
        if (g.wants(i)) {
          g.give(i, gradients[i]);
        } else if (i > 0) {
          Execution.release(gradients[i]);
        }
      }
    }
  }
}
