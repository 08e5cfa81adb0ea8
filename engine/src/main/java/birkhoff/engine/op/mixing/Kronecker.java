package birkhoff.engine.op.mixing;

import birkhoff.engine.primitive.Check;
import birkhoff.engine.primitive.Cotangents;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.primitive.Plan;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/**
 * Kronecker products of matrices, one pair per token: {@code left[a², tokens]} and {@code right[b²,
 * tokens]} to {@code [(ab)², tokens]}, all row-major. Those of doubly stochastic matrices are
 * doubly stochastic (arXiv 2601.21579).
 */
public record Kronecker(int a, int b) implements KernelPrimitive {
  @Override
  public String name() {
    return "kronecker";
  }

  @Override
  public boolean readsOutput(int output) {
    return false;
  }

  @Override
  public Plan plan(List<TensorSpec> in, boolean recording) {
    Check.inputs(name(), in, 2, 2);
    var dtype = Check.floating(name(), in);
    Shape left = in.getFirst().shape();
    Check.that(
        a >= 1 && b >= 1 && (long) a * b <= 1 << 10 && left.rank() == 2,
        name(),
        in,
        "sizes a, b >= 1 with a·b <= 1024 and matrices [a², tokens] are needed");
    long tokens = left.size(1);
    Check.shape(name(), "left", in.get(0), Shape.of((long) a * a, tokens));
    Check.shape(name(), "right", in.get(1), Shape.of((long) b * b, tokens));
    long d = (long) a * b;
    return Plan.of(TensorSpec.of(Shape.of(d * d, tokens), dtype));
  }

  @Override
  public void forward(Execution x, Operands o) {
    var k = x.kernels().mixers(o.in(0).dtype());
    long tokens = o.in(0).size(1);
    var left = o.in(0).data();
    var right = o.in(1).data();
    var h = o.out(0).data();
    x.parallel(
        StreamShapes.blocks(tokens),
        (lo, hi, w) -> k.kronecker(a, b, left, right, h, tokens, lo, hi));
  }

  @Override
  public void vjp(Execution x, Operands o, Cotangents g) {
    var k = x.kernels().mixers(o.in(0).dtype());
    long tokens = o.in(0).size(1);
    var gleft = x.allocate(o.in(0).spec());
    var gright = x.allocate(o.in(1).spec());
    var left = o.in(0).data();
    var right = o.in(1).data();
    var gh = g.of(0).data();
    var toLeft = gleft.data();
    var toRight = gright.data();
    x.parallel(
        StreamShapes.blocks(tokens),
        (lo, hi, w) -> k.kroneckerVjp(a, b, left, right, gh, toLeft, toRight, tokens, lo, hi));
    if (g.wants(0)) {
      g.give(0, gleft);
    } else {
      Execution.release(gleft);
    }
    if (g.wants(1)) {
      g.give(1, gright);
    } else {
      Execution.release(gright);
    }
  }
}
