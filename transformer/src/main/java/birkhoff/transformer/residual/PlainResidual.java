package birkhoff.transformer.residual;

import birkhoff.engine.nn.LayerNorm;
import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;
import java.util.function.UnaryOperator;

/** {@code x + branch(norm(x))}. The add is done together with the next norm. */
public final class PlainResidual implements ResidualStream {
  public PlainResidual() {}

  @Override
  public Pass begin(Ops ops, Tensor embedded, StreamObserver observer) {
    return new PlainPass(ops, embedded);
  }

  private static final class PlainPass implements Pass {
    private final Ops ops;
    private Tensor x;
    private Tensor branchOut;

    PlainPass(Ops ops, Tensor x) {
      this.ops = ops;
      this.x = x;
    }

    @Override
    public void sublayer(int index, LayerNorm norm, UnaryOperator<Tensor> branch) {
      Tensor normed = finish(norm);
      branchOut = branch.apply(normed);
      if (!branchOut.sharesStorage(normed)) {
        ops.forget(normed);
      }
    }

    @Override
    public Tensor finish(LayerNorm norm) {
      if (branchOut == null) {
        return norm.forward(ops, x);
      }
      Tensor[] both = norm.addForward(ops, x, branchOut);
      ops.forget(x, branchOut);
      x = both[1];
      return both[0];
    }
  }
}
