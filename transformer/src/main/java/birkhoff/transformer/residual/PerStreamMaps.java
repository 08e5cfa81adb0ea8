package birkhoff.transformer.residual;

import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.StreamCombine;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The maps of unconstrained dynamic hyper-connections (arXiv 2409.19606): each stream makes its own
 * coefficients from its own width numbers, {@code tanh} of a product with weights that the streams
 * share, times a gate, plus a static part. They start as the plain residual, with a different
 * stream to read from in every sublayer.
 *
 * <p>Parameters of a sublayer: {@code alpha.weight[d+1, width]} and {@code beta.weight[1, width]}
 * (zeros, decayed), {@code gate[2]} (0.01: alpha, beta), {@code alpha.bias[d, d+1]} (row j: stream
 * j's weight in the input, then in each new stream) and {@code beta.bias[d]} (ones).
 */
final class PerStreamMaps implements StreamMaps {
  private static final double GATE = 0.01;

  private record Connection(
      Parameter alpha, Parameter beta, Parameter gate, Parameter alphaBias, Parameter betaBias) {}

  private final int d;
  private final List<Connection> connections = new ArrayList<>();

  PerStreamMaps(Parameters parameters, int streams, int width, List<String> sublayers) {
    this.d = streams;
    Initializer zeros = Initializer.constant(0);
    for (int i = 0; i < sublayers.size(); i++) {
      String name = sublayers.get(i);
      connections.add(
          new Connection(
              parameters.create(name + ".alpha.weight", zeros, true, d + 1L, width),
              parameters.create(name + ".beta.weight", zeros, true, 1, width),
              parameters.create(name + ".gate", Initializer.constant(GATE), false, 2),
              parameters.create(name + ".alpha.bias", plain(i % d), false, d, d + 1L),
              parameters.create(name + ".beta.bias", Initializer.constant(1), false, d)));
    }
  }

  /** Reads one stream and keeps all. */
  private Initializer plain(int favoured) {
    return (t, seed, stream, lo, hi) -> {
      for (long k = lo; k < hi; k++) {
        long j = k / (d + 1);
        long column = k % (d + 1);
        t.set(column == 0 ? (j == favoured ? 1 : 0) : (column - 1 == j ? 1 : 0), j, column);
      }
    };
  }

  @Override
  public Maps read(Ops ops, int sublayer, Streams streams) {
    Tensor x = streams.now(ops);
    Connection c = connections.get(sublayer);
    int width = Math.toIntExact(x.shape().size(-1));
    long tokens = x.count() / d / width;
    Tensor normed = ops.rmsNorm(x, null, HyperConnections.RMS_EPS);
    Tensor gate = c.gate().tensor();
    Tensor alpha =
        ops.add(
            ops.mul(
                ops.tanh(ops.linear(normed, c.alpha().tensor(), null)), ops.slice(gate, 0, 0, 1)),
            c.alphaBias().tensor());
    Tensor beta =
        ops.mul(ops.tanh(ops.linear(normed, c.beta().tensor(), null)), ops.slice(gate, 0, 1, 2));
    // From [tokens, source, maps] to token-fastest rows.
    Tensor byMap = ops.transpose(ops.reshape(alpha, tokens, (long) d * (d + 1)), 0, 1);
    Tensor rows = ops.reshape(ops.contiguous(byMap), d, d + 1L, tokens);
    Tensor pre = ops.reshape(ops.contiguous(ops.slice(rows, 1, 0, 1)), d, tokens);
    Tensor mixing = ops.transpose(ops.slice(rows, 1, 1, d + 1L), 0, 1);
    Tensor h = ops.reshape(ops.contiguous(mixing), (long) d * d, tokens);
    Tensor write = ops.add(ops.reshape(beta, tokens, d), c.betaBias().tensor());
    Tensor post = ops.contiguous(ops.transpose(write, 0, 1));
    return new Maps(ops.apply(new StreamCombine(), x, pre)[0], post, h);
  }
}
