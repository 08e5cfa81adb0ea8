package birkhoff.tests.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.autograd.Tape;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.tensor.Tensor;
import birkhoff.tests.support.Seeds;
import org.junit.jupiter.api.AfterEach;

/** A scalar engine in debug mode with one workspace; its ledger must end at zero. */
abstract class EngineFixture {
  final Engine engine =
      Engine.create(EngineConfig.defaults().withThreads(2).withKernels("scalar").withDebug(true));
  final Workspace workspace = engine.workspace("step");

  @AfterEach
  void closeAndFindNothingHeld() {
    engine.close();
    assertThat(engine.ledger().report()).isEmpty();
    assertThat(engine.ledger().total()).isZero();
  }

  Tape tape() {
    return engine.tape(workspace);
  }

  /** A float64 leaf with numbers in (-1, 1) that depend on its name. */
  Tensor leaf(String name, long... shape) {
    var random = Seeds.random(name, shape);
    Tensor t = engine.zeros(birkhoff.engine.tensor.DType.FLOAT64, shape);
    return t.copyFrom(random.doubles(t.count(), -1, 1).toArray());
  }
}
