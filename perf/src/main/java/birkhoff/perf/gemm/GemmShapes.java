package birkhoff.perf.gemm;

import birkhoff.engine.kernel.GemmShape;
import java.util.List;

/** The products that training and generating with small GPTs consist of, and some squares. */
public final class GemmShapes {
  private static final List<String> ALL =
      List.of(
          "NN 256 256 256",
          "NN 512 512 512",
          "NN 1024 1024 1024",
          "NN 2048 2048 2048",
          "NT 768 128 128",
          "NT 768 512 128",
          "NT 768 128 512",
          "NT 4096 384 384",
          "NT 4096 1152 384",
          "NT 4096 1536 384",
          "NT 4096 384 1536",
          "NN 4096 384 1536",
          "TN 1536 384 4096",
          "NT 2048 50304 384",
          "NN 2048 384 50304",
          "TN 50304 384 2048",
          "NT 256 768 768",
          "NT 256 3072 768",
          "NT 256 768 3072",
          "NT 256 50304 768",
          "NN 256 768 3072",
          "NN 256 768 50304",
          "TN 3072 768 256");

  private GemmShapes() {}

  /** The names, {@code transposes M N K}, that contain {@code filter}. */
  static List<String> names(String filter) {
    return ALL.stream().filter(name -> name.contains(filter)).toList();
  }

  /** NT is the forward product of a linear layer, NN its input gradient, TN its weight gradient. */
  public static GemmShape parse(String name) {
    String[] part = name.split(" ");
    return GemmShape.of(
        part[0].charAt(0) == 'T',
        part[0].charAt(1) == 'T',
        Integer.parseInt(part[1]),
        Integer.parseInt(part[2]),
        Integer.parseInt(part[3]));
  }
}
