package birkhoff.transformer.residual;

import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.LayerNorm;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.StreamExpand;
import birkhoff.engine.op.mixing.StreamRead;
import birkhoff.engine.op.mixing.StreamSum;
import birkhoff.engine.op.mixing.StreamWrite;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * d residual streams with maps that depend on the token (arXiv 2604.02309, equations (1)–(4)). The
 * streams start as copies; at the end each is normalized and their sum goes on.
 *
 * <p>Parameters of a sublayer: {@code generator.weight[2d+P, d·width]} (zeros, decayed), {@code
 * gate[3]} (0.01) and {@code bias[2d+P]}, in the order read gates, write gates, mixer numbers.
 */
public final class HyperConnections implements ResidualStream {
  /** Of the root mean square that the generator's output is divided by. */
  public static final double RMS_EPS = 1e-6;

  private static final double GATE = 0.01;

  private record Connection(Parameter generator, Parameter gate, Parameter bias) {}

  private final int streams;
  private final Mixer mixer;
  private final List<Connection> connections = new ArrayList<>();

  /**
   * @param sublayers parameter name prefixes, one per sublayer, in order
   */
  public HyperConnections(
      Parameters parameters, int streams, Mixer mixer, int width, List<String> sublayers) {
    if (streams < 1) {
      throw new IllegalArgumentException("hyper_conn_n = " + streams + " must be at least 1");
    }
    this.streams = streams;
    this.mixer = mixer;
    long rows = 2L * streams + mixer.parameters();
    for (int i = 0; i < sublayers.size(); i++) {
      String name = sublayers.get(i);
      Initializer zeros = Initializer.constant(0);
      connections.add(
          new Connection(
              parameters.create(
                  name + ".generator.weight", zeros, true, rows, (long) streams * width),
              parameters.create(name + ".gate", Initializer.constant(GATE), false, 3),
              parameters.create(name + ".bias", bias(i % streams), false, rows)));
    }
  }

  /**
   * Read and write gates favour one stream, +1 against -1, another one in every sublayer: equal
   * streams would stay equal under any doubly stochastic mixing.
   */
  private Initializer bias(int favoured) {
    Initializer rest = mixer.start();
    return (t, seed, stream, lo, hi) -> {
      rest.fill(t, seed, stream, lo, hi);
      for (long i = lo; i < Math.min(hi, 2L * streams); i++) {
        t.set(i % streams == favoured ? 1 : -1, i);
      }
    };
  }

  @Override
  public Pass begin(Ops ops, Tensor embedded) {
    return new StreamPass(ops, ops.apply(new StreamExpand(streams), embedded)[0]);
  }

  private final class StreamPass implements Pass {
    private final Ops ops;
    private Tensor x;
    private Tensor rrms;

    StreamPass(Ops ops, Tensor x) {
      this.ops = ops;
      this.x = x;
    }

    @Override
    public void sublayer(int index, LayerNorm norm, UnaryOperator<Tensor> branch) {
      Connection c = connections.get(index);
      Tensor generator = c.generator().tensor();
      Tensor gate = c.gate().tensor();
      Tensor bias = c.bias().tensor();
      var read = new StreamRead(RMS_EPS);
      Tensor[] maps =
          rrms == null
              ? ops.apply(read, x, generator, gate, bias)
              : ops.apply(read, x, generator, gate, bias, rrms);
      Tensor h = mixer.mix(ops, maps[2]);
      Tensor normed = norm.forward(ops, maps[0]);
      Tensor f = branch.apply(normed);
      if (!f.sharesStorage(normed)) {
        ops.forget(normed);
      }
      ops.forget(maps[0]);
      Tensor[] written = ops.apply(new StreamWrite(RMS_EPS), x, h, maps[1], f);
      x = written[0];
      rrms = written[1];
    }

    @Override
    public Tensor finish(LayerNorm norm) {
      Tensor normed = norm.forward(ops, x);
      Tensor sum = ops.apply(new StreamSum(), normed)[0];
      ops.forget(normed);
      return sum;
    }
  }
}
