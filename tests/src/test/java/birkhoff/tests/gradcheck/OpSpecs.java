package birkhoff.tests.gradcheck;

import java.util.ArrayList;
import java.util.List;

/** Every primitive that the engine has. */
final class OpSpecs {
  private OpSpecs() {}

  static List<OpSpec> all() {
    var all = new ArrayList<OpSpec>();
    all.addAll(ElementwiseSpecs.all());
    all.addAll(ShapeSpecs.all());
    all.addAll(FusedSpecs.all());
    all.addAll(MixingSpecs.all());
    all.addAll(MixerSpecs.all());
    all.addAll(DecodingSpecs.all());
    return all;
  }
}
