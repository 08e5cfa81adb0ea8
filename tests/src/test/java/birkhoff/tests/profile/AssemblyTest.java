package birkhoff.tests.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.profile.Assembly;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;

class AssemblyTest {
  private static final String LOOP = Loop.class.getName();

  @Test
  void showsTheVectorInstructionsOfAMethod() throws Exception {
    Assembly.Listing listing =
        Assembly.of(Assembly.command(LOOP + "::twice", LOOP, List.of("20000")));
    assertThat(listing.how()).containsAnyOf("hsdis", "objdump", "hexadecimal");
    assertThat(listing.text().lines().count()).isGreaterThan(10);
    if (!listing.how().startsWith("in hexadecimal")) {
      assertThat(listing.text()).contains("ret");
    }
    if (listing.how().contains("objdump")) {
      assertThat(listing.text()).containsPattern("v(add|mul)ps");
      assertThat(listing.registers()).isNotEqualTo("zmm 0, ymm 0, xmm 0");
    }
  }

  @Test
  void aMethodThatNeverRunsIsNotShown() throws Exception {
    Assembly.Listing listing = Assembly.of(Assembly.command(LOOP + "::never", LOOP, List.of("1")));
    assertThat(listing.text()).isEmpty();
    assertThat(listing.how()).contains("compiled no such method");
  }

  @Test
  void namesAreOfVectorKernelsUnlessTheyHaveAPackage() {
    assertThat(Assembly.command("GemmMicroKernel::rows12", "Main", List.of("x")))
        .contains("-XX:CompileCommand=print,birkhoff.engine.kernel.vector.GemmMicroKernel::rows12")
        .endsWith("Main", "x");
    assertThat(Assembly.command("a.B::c", "Main", List.of()))
        .contains("-XX:CompileCommand=print,a.B::c");
    assertThatThrownBy(() -> Assembly.command("rows12", "Main", List.of()))
        .hasMessageContaining("Class::method");
  }

  @Test
  void countsInstructionsByTheirWidestRegister() {
    var listing =
        new Assembly.Listing(
            "", "vaddps %zmm0,%zmm1,%zmm2\nvextractf32x4 $1,%zmm0,%xmm1\nvmovss %xmm0,(%rax)\nret");
    assertThat(listing.registers()).isEqualTo("zmm 2, ymm 0, xmm 1");
  }

  /** Runs in the child. */
  static final class Loop {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    private Loop() {}

    public static void main(String[] args) {
      float[] x = new float[1024];
      for (int k = 0; k < Integer.parseInt(args[0]); k++) {
        twice(x);
      }
      System.out.println(x[0]);
    }

    static void twice(float[] x) {
      for (int i = 0; i < x.length; i += S.length()) {
        FloatVector v = FloatVector.fromArray(S, x, i);
        v.add(v).intoArray(x, i);
      }
    }

    static void never() {}
  }
}
