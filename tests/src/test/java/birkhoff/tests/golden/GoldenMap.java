package birkhoff.tests.golden;

/** What makes the d×d mixer of one token of P numbers, and its vjp, by its definition. */
interface GoldenMap {
  /** d. */
  int streams();

  /** P. */
  int numbers();

  /** H [d, d] from z [P]. */
  double[] forward(double[] z);

  /** dL/dz from g = dL/dH. */
  double[] backward(double[] g, double[] z);
}
