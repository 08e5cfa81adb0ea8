package birkhoff.transformer.residual;

import birkhoff.engine.nn.Initializer;
import birkhoff.engine.nn.Parameter;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.mixing.StreamRead;
import birkhoff.engine.op.mixing.StreamWriteRead;
import birkhoff.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Maps from all streams of the token at once (arXiv 2512.24880 and 2604.02309, equations (2)–(4)):
 * one generator makes the gates and the mixer's numbers.
 *
 * <p>Parameters of a sublayer: {@code generator.weight[2d+P, d·width]} (zeros, decayed), {@code
 * gate[3]} (0.01) and {@code bias[2d+P]}, in the order read gates, write gates, mixer numbers.
 */
final class GeneratedMaps implements StreamMaps {
  private static final double GATE = 0.01;

  private record Connection(Parameter generator, Parameter gate, Parameter bias) {}

  private final Mixer mixer;
  private final List<Connection> connections = new ArrayList<>();

  GeneratedMaps(Parameters parameters, Mixer mixer, int width, List<String> sublayers) {
    this.mixer = mixer;
    int d = mixer.streams();
    long rows = 2L * d + mixer.parameters();
    for (int i = 0; i < sublayers.size(); i++) {
      String name = sublayers.get(i);
      Initializer zeros = Initializer.constant(0);
      connections.add(
          new Connection(
              parameters.create(name + ".generator.weight", zeros, true, rows, (long) d * width),
              parameters.create(name + ".gate", Initializer.constant(GATE), false, 3),
              parameters.create(name + ".bias", bias(d, i % d), false, rows)));
    }
  }

  /**
   * Read and write gates favour one stream, +1 against -1, another one in every sublayer: equal
   * streams would stay equal under any doubly stochastic mixing.
   */
  private Initializer bias(int d, int favoured) {
    Initializer rest = mixer.start(2 * d);
    return (t, seed, stream, lo, hi) -> {
      rest.fill(t, seed, stream, lo, hi);
      for (long i = lo; i < Math.min(hi, 2L * d); i++) {
        t.set(i % d == favoured ? 1 : -1, i);
      }
    };
  }

  @Override
  public Maps read(Ops ops, int sublayer, Streams streams) {
    Connection c = connections.get(sublayer);
    Tensor generator = c.generator().tensor();
    Tensor gate = c.gate().tensor();
    Tensor bias = c.bias().tensor();
    Tensor[] write = streams.pending();
    if (write == null) {
      var read = new StreamRead(HyperConnections.RMS_EPS);
      return maps(ops, ops.apply(read, streams.now(ops), generator, gate, bias), 0);
    }
    var both = new StreamWriteRead(HyperConnections.RMS_EPS);
    Tensor[] out = ops.apply(both, write[0], write[1], write[2], write[3], generator, gate, bias);
    streams.written(out[0]);
    return maps(ops, out, 1);
  }

  /** From the results u, post and z at {@code place}. */
  private Maps maps(Ops ops, Tensor[] read, int place) {
    return new Maps(read[place], read[place + 1], mixer.mix(ops, read[place + 2]));
  }
}
