package birkhoff.tests.golden;

/** A stage that mixes streams. */
interface GoldenMixing extends GoldenStage {
  /** The mixers H [rows, d, d] of the last forward pass. */
  double[] mixers();
}
