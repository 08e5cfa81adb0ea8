package birkhoff.tests.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenGeluTest {

  /** Values of erf from Abramowitz and Stegun's table 7.1 and its 20-digit extensions. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.1, 0.11246291601828489220",
    "0.5, 0.52049987781304653768",
    "1, 0.84270079294971486934",
    "2, 0.99532226501895273416",
    "3, 0.99997790950300141456",
    "5, 0.99999999999846254021",
    "7, 1"
  })
  void erf(double x, double expected) {
    assertEquals(expected, GoldenGelu.erf(x), 1e-15);
    assertEquals(-expected, GoldenGelu.erf(-x), 1e-15);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 1.84270079294971486934",
    "0.5, 0.47950012218695346232",
    "2, 4.67773498104726583794e-3",
    "3, 2.20904969985854413727e-5",
    "5, 1.53745979442803485019e-12",
    "10, 2.08848758376254475700e-45"
  })
  void erfc(double x, double expected) {
    assertEquals(expected, GoldenGelu.erfc(x), 3e-14 * expected);
  }

  /** Both gates are odd around one half, so gelu(x) - gelu(-x) = x; and the two forms are close. */
  @ParameterizedTest
  @CsvSource({"0.3", "1", "2.5", "8", "40"})
  void identities(double x) {
    for (boolean tanh : new boolean[] {false, true}) {
      assertEquals(x, GoldenGelu.value(x, tanh) - GoldenGelu.value(-x, tanh), 1e-14 * x);
    }
    assertEquals(GoldenGelu.value(x, false), GoldenGelu.value(x, true), 5e-4);
  }
}
