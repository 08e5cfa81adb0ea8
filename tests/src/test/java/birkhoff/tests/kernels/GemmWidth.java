package birkhoff.tests.kernels;

import birkhoff.engine.kernel.vector.VectorGemm;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.GemmCase;

/** Checks the vector product in a JVM of its own, whose vector width is forced. */
final class GemmWidth {
  private GemmWidth() {}

  public static void main(String[] args) {
    var run = new GemmRun(new VectorGemm(), DType.FLOAT32);
    int cases = 0;
    try (var team = new ThreadTeam(2, new MemoryLedger())) {
      for (GemmCase c : GemmRun.cases(150, false)) {
        run.check(c, run.result(team, c));
        cases++;
      }
    }
    System.out.println(cases + " cases agree");
  }
}
