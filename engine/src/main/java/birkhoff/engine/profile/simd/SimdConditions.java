package birkhoff.engine.profile.simd;

import birkhoff.engine.kernel.vector.Lanes;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/** What this JVM's settings alone tell about vector code. */
final class SimdConditions {
  private static final String FULL_TIER = "4";

  private SimdConditions() {}

  static int machineBits() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize();
  }

  /** Why no kernel can be fast here, with the remedy. */
  static List<String> causes() {
    List<String> causes = new ArrayList<>();
    int wanted = Lanes.F.vectorBitSize();
    int there = machineBits();
    if (wanted > there) {
      causes.add(
          "emulated width: -D"
              + Lanes.PROPERTY
              + "="
              + wanted
              + " is wider than the "
              + there
              + " bits that this JVM uses on this machine (UseAVX="
              + flag("UseAVX")
              + ", MaxVectorSize="
              + flag("MaxVectorSize")
              + " bytes); leave the property out or lift the flags");
    }
    String info = System.getProperty("java.vm.info", "");
    if (info.contains("interpreted")) {
      causes.add("the JIT is off (" + info + "); start Java without -Xint");
    } else if (!flag("TieredStopAtLevel").equals(FULL_TIER)
        && flag("TieredCompilation").equals("true")) {
      causes.add(
          "C2 is off (-XX:TieredStopAtLevel="
              + flag("TieredStopAtLevel")
              + "), and only C2 makes vector instructions; start Java without that flag");
    }
    return causes;
  }

  /** The value of a flag of HotSpot, or {@code not there}. */
  private static String flag(String name) {
    var options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return options == null ? "not there" : options.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return "not there";
    }
  }
}
