package birkhoff.engine.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Independent chains of multiply-adds in registers, without memory traffic: a probe. */
public interface FmaLoop {
  /** Chains that hide the latency of an FMA: two units times four to five cycles. */
  int CHAINS = 12;

  /** Runs {@code iterations} of every chain; the result depends on all of them. */
  float run(int iterations, float start);

  /** A loop on vectors of {@code bits} bits: 64, 128, 256 or 512. */
  static FmaLoop of(int bits) {
    VectorSpecies<Float> species =
        switch (bits) {
          case 64 -> FloatVector.SPECIES_64;
          case 128 -> FloatVector.SPECIES_128;
          case 256 -> FloatVector.SPECIES_256;
          case 512 -> FloatVector.SPECIES_512;
          default ->
              throw new IllegalArgumentException(
                  "vectors of " + bits + " bits; the widths are 64, 128, 256 and 512");
        };
    return Specialized.copy(FmaChains.class, species, FmaLoop.class);
  }
}
