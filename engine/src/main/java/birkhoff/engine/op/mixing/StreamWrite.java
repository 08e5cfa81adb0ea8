package birkhoff.engine.op.mixing;

import birkhoff.engine.error.DifferentiationException;
import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * Equation (1) of arXiv 2604.02309: {@code y_i = Σ_j H_ij x_j + post_i f} for streams {@code x[…,
 * d, width]}, mixers {@code h[d·d, tokens]}, gates {@code post[d, tokens]} and the branch's output
 * {@code f[…, width]}. Outputs {@code y} and, for the next {@link StreamRead}, {@code rrms[tokens]
 * = 1/√(mean(y²) + eps)}, which is a statistic of y and not differentiated on its own.
 */
public record StreamWrite(double eps) implements KernelPrimitive {
  @Override
  public String name() {
    return "streamWrite";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 4, 4);
    DType dtype = Check.floating(name(), in);
    Check.rank(name(), in.getFirst(), 2);
    Shape x = in.getFirst().shape();
    var n = StreamShapes.of(name(), x);
    Check.that(n.d() > 0, name(), in, "there must be a stream");
    Check.shape(name(), "h", in.get(1), Shape.of((long) n.d() * n.d(), n.tokens()));
    Check.shape(name(), "post", in.get(2), Shape.of(n.d(), n.tokens()));
    Check.shape(name(), "f", in.get(3), x.without(-2));
    return new Plan(List.of(in.getFirst(), TensorSpec.of(Shape.of(n.tokens()), dtype)), List.of());
  }

  @Override
  public void forward(Execution x, Operands o) {
    var n = StreamShapes.of(name(), o.in(0).shape());
    var k = x.kernels().mixing(o.in(0).dtype());
    var streams = o.in(0).data();
    var h = o.in(1).data();
    var post = o.in(2).data();
    var f = o.in(3).data();
    var y = o.out(0).data();
    var rrms = o.out(1).data();
    x.parallel(
        n.blocks(),
        (lo, hi, w) ->
            k.streamWrite(streams, h, post, f, y, rrms, eps, n.d(), n.width(), n.tokens(), lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    if (g.of(1) != null) {
      throw new DifferentiationException(
          "streamWrite: rrms is a statistic of y for the next streamRead; for a gradient through it"
              + " compute it from y");
    }
    var n = StreamShapes.of(name(), o.in(0).shape());
    var k = x.kernels().mixing(o.in(0).dtype());
    Cotangents.Target t =
        g.wants(0) ? g.into(0) : new Cotangents.Target(x.allocate(o.in(0).spec()), false);
    Tensor[] gradients = new Tensor[4];
    gradients[0] = t.tensor();
    for (int i = 1; i < gradients.length; i++) {
      gradients[i] = x.allocate(o.in(i).spec());
    }
    var streams = o.in(0).data();
    var h = o.in(1).data();
    var post = o.in(2).data();
    var f = o.in(3).data();
    var gy = g.of(0).data();
    var gx = gradients[0].data();
    var gh = gradients[1].data();
    var gpost = gradients[2].data();
    var gf = gradients[3].data();
    x.parallel(
        n.blocks(),
        (lo, hi, w) ->
            k.streamWriteVjp(
                streams,
                h,
                post,
                f,
                gy,
                gx,
                t.accumulate(),
                gf,
                gh,
                gpost,
                n.d(),
                n.width(),
                n.tokens(),
                lo,
                hi));
    for (int i = 0; i < gradients.length; i++) {
      if (!g.wants(i)) {
        Execution.release(gradients[i]);
      } else if (i > 0) {
        g.give(i, gradients[i]);
      }
    }
  }
}
