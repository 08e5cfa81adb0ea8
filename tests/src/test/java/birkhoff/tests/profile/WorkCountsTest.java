package birkhoff.tests.profile;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.kernel.UnaryOp;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.op.fused.CachedAttention;
import birkhoff.engine.op.mixing.StreamRead;
import birkhoff.engine.op.mixing.StreamWriteRead;
import birkhoff.engine.profile.OpProfile;
import birkhoff.engine.profile.Phase;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a profile counts for operations with products and look-ups, against sums by hand. */
class WorkCountsTest {
  /** Of each tensor's elements; ids have as many bytes. */
  private static final long FLOAT = 4;

  private static final long NOT_COUNTED = -1;

  private final Engine engine =
      Engine.create(EngineConfig.defaults().withThreads(1).withKernels("scalar"));

  @AfterEach
  void close() {
    engine.close();
  }

  /** Makes operands, whose gradients are wanted where they have any. */
  private record Operands(Engine engine, Tape tape) {
    Tensor floats(long... shape) {
      return tape.watch(engine.zeros(DType.FLOAT32, shape));
    }

    Tensor narrow(long... shape) {
      return tape.watch(engine.zeros(DType.BFLOAT16, shape));
    }

    Tensor ids(int[] ids, long... shape) {
      return engine.ids(ids, shape);
    }
  }

  /** Multiply-adds and elements moved, forward and backward. */
  private record Work(
      String name,
      long forward,
      long backward,
      long moved,
      long movedBack,
      BiFunction<Ops, Operands, Tensor> call) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Work work(
      String name, long forward, long backward, BiFunction<Ops, Operands, Tensor> call) {
    return new Work(name, forward, backward, NOT_COUNTED, NOT_COUNTED, call);
  }

  static List<Work> all() {
    // Queries, keys and values of 2 sequences, 6 positions and 2 heads of 4; each position sees
    // itself and those before it.
    long pairs = 1 + 2 + 3 + 4 + 5 + 6;
    long attention = 2 * 8 * pairs;
    // 3 tokens, 2 streams of 4, so 4 gates and here 5 numbers of the mixer.
    long generator = 3 * (4 + 5) * (2 * 4);
    return List.of(
        work(
            "linear",
            6 * 5 * 7,
            2 * 6 * 5 * 7,
            (o, e) -> o.linear(e.floats(2, 3, 5), e.floats(7, 5), null)),
        work(
            "linear_gelu_tanh",
            6 * 5 * 7,
            2 * 6 * 5 * 7,
            (o, e) ->
                o.linearUnary(UnaryOp.GELU_TANH, e.floats(2, 3, 5), e.floats(7, 5), e.floats(7))),
        work(
            "wideningLinear",
            6 * 5 * 7,
            6 * 5 * 7,
            (o, e) -> o.linear(e.floats(2, 3, 5), e.narrow(7, 5), null)),
        work(
            "mixedLinear",
            6 * 5 * 7,
            2 * 6 * 5 * 7,
            (o, e) ->
                o.mixedLinear(e.narrow(6, 5), e.floats(7, 5), e.narrow(7, 5), null, DType.FLOAT32)),
        work(
            "matmul",
            2 * 3 * 4 * 5,
            2 * 2 * 3 * 4 * 5,
            (o, e) -> o.matmul(e.floats(2, 3, 4), e.floats(4, 5))),
        // Scores and their sums; backward the scores again and four gradients.
        work(
            "causalAttention",
            2 * attention,
            5 * attention,
            (o, e) -> o.causalAttention(e.floats(2, 6, 24), 2, 0, 0)),
        work(
            "mixedAttention",
            2 * attention,
            5 * attention,
            (o, e) -> o.causalAttention(e.narrow(2, 6, 24), 2, 0, 0)),
        // 2 new positions after 3, which see 4 and 5; 5 are read of keys and values.
        new Work(
            "cachedAttention",
            2 * 8 * (4 + 5),
            0,
            2 * 5 * 8 + 2 * 24 + 2 * 8,
            0,
            (o, e) ->
                o.cachedAttention(
                    e.floats(1, 2, 24),
                    e.floats(CachedAttention.keysShape(1, 2, 16, 4).toArray()),
                    e.floats(CachedAttention.valuesShape(1, 2, 16, 4).toArray()),
                    e.ids(new int[] {3}, 1))),
        // Both gradients are worked out with the loss.
        new Work(
            "linearCrossEntropy",
            3 * 4 * 5 * 6,
            0,
            NOT_COUNTED,
            0,
            (o, e) ->
                o.linearCrossEntropy(
                    e.floats(4, 5), e.floats(6, 5), e.ids(new int[] {0, 5, 1, 2}, 4))),
        new Work(
            "mixedLinearCrossEntropy",
            3 * 4 * 5 * 6,
            0,
            NOT_COUNTED,
            0,
            (o, e) ->
                o.mixedLinearCrossEntropy(
                    e.floats(4, 5),
                    e.floats(6, 5),
                    e.narrow(6, 5),
                    e.ids(new int[] {0, 5, 1, 2}, 4))),
        // The rows that are looked up, not the table, whose gradient is all of it.
        new Work(
            "embedding",
            0,
            0,
            4 + 2 * 4 * 3,
            4 + 2 * 4 * 3 + 10 * 3,
            (o, e) -> o.embedding(e.floats(10, 3), e.ids(new int[] {9, 0, 1, 1}, 4))),
        new Work(
            "tokenPositionEmbedding",
            0,
            0,
            4 + 2 * 4 * 3,
            4 + 2 * 4 * 3 + 10 * 3 + 2 * 3,
            (o, e) ->
                o.tokenPositionEmbedding(
                    e.floats(10, 3), e.ids(new int[] {9, 0, 1, 1}, 2, 2), e.floats(2, 3))),
        work(
            "streamRead",
            generator,
            2 * generator,
            (o, e) ->
                o.apply(
                        new StreamRead(1e-6),
                        e.floats(3, 2, 4),
                        e.floats(9, 8),
                        e.floats(3),
                        e.floats(9))[0]),
        work(
            "streamWriteRead",
            generator,
            2 * generator,
            (o, e) ->
                o.apply(
                        new StreamWriteRead(1e-6),
                        e.floats(3, 2, 4),
                        e.floats(4, 3),
                        e.floats(2, 3),
                        e.floats(3, 4),
                        e.floats(9, 8),
                        e.floats(3),
                        e.floats(9))[1]));
  }

  @ParameterizedTest
  @MethodSource("all")
  void profilesCountWhatIsDone(Work work) {
    boolean learns = !work.name().equals("cachedAttention");
    Workspace workspace = engine.workspace("work");
    List<OpProfile.Total> totals;
    try (var profile = OpProfile.start(engine)) {
      Tape tape = engine.tape(workspace);
      var operands = new Operands(engine, tape);
      if (learns) {
        Tensor y = work.call().apply(tape.ops(), operands);
        tape.backward(y, engine.zeros(y.dtype(), y.shape().toArray()));
      } else {
        var _ = work.call().apply(engine.ops(workspace), operands);
      }
      totals = profile.totals();
    }
    assertThat(counts(totals, work.name(), Phase.FORWARD, work.moved()))
        .isEqualTo(List.of(2 * work.forward(), FLOAT * work.moved()));
    if (learns) {
      assertThat(counts(totals, work.name(), Phase.BACKWARD, work.movedBack()))
          .isEqualTo(List.of(2 * work.backward(), FLOAT * work.movedBack()));
    }
  }

  private static List<Long> counts(
      List<OpProfile.Total> totals, String name, Phase phase, long moved) {
    Stream<OpProfile.Total> named =
        totals.stream().filter(t -> t.name().equals(name) && t.phase() == phase);
    OpProfile.Total total = named.findFirst().orElseThrow();
    return List.of(total.flops(), moved == NOT_COUNTED ? FLOAT * NOT_COUNTED : total.bytes());
  }
}
