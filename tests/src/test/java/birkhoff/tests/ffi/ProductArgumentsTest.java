package birkhoff.tests.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.kernel.GemmShape;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.tensor.DType;
import birkhoff.tests.support.Campaign;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every argument of a product, wrong in every way, with native libraries behind it: an exception
 * that says what is wrong, nothing written, and the library goes on. A crash would end this JVM.
 */
@Timeout(60)
class ProductArgumentsTest {
  private static final int M = 3;
  private static final int N = 4;
  private static final int K = 5;
  private static final long FAR = 1L << 31;

  /** A product of some library. */
  private interface Product {
    void run(ThreadTeam team, GemmShape shape, MemorySegment... abc);
  }

  private record Library(Product product, DType in, DType out, boolean countsIn32Bits) {
    long bytes(int operand) {
      long elements = operand == 0 ? M * K : operand == 1 ? K * N : M * N;
      return elements * (operand == 2 ? out : in).bytes();
    }
  }

  private static Map<String, Library> libraries() {
    Map<String, Library> all = new LinkedHashMap<>();
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      var gemm = OpenBlas.gemm(dtype);
      Product product = (team, s, abc) -> gemm.gemm(team, s, 1, abc[0], abc[1], 0, abc[2]);
      all.put("OpenBLAS " + dtype, new Library(product, dtype, dtype, true));
    }
    return all;
  }

  private static Map<String, Library> mixed() {
    var gemm = OneDnn.gemm();
    Map<String, Library> all = new LinkedHashMap<>();
    for (DType out : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      Product product =
          (team, s, abc) -> gemm.gemm(team, s, abc[0], abc[1], null, false, out, abc[2]);
      all.put("oneDNN " + out, new Library(product, DType.BFLOAT16, out, false));
    }
    return all;
  }

  @Test
  void openBlasSeesNone() {
    check(libraries());
  }

  @Test
  void oneDnnSeesNone() {
    check(mixed());
  }

  private static void check(Map<String, Library> libraries) {
    try (var team = new ThreadTeam(2, new MemoryLedger());
        Arena arena = Arena.ofShared()) {
      libraries.forEach((name, library) -> {
        int refused = 0;
        for (int operand = 0; operand < 3; operand++) {
          for (MemorySegment bad : badSegments(arena, library, operand)) {
            MemorySegment[] abc = operands(arena, library);
            abc[operand] = bad;
            refused(name, library, team, GemmShape.of(false, false, M, N, K), abc);
            refused++;
          }
        }
        for (GemmShape shape : badShapes(library.countsIn32Bits())) {
          refused(name, library, team, shape, operands(arena, library));
          refused++;
        }
        MemorySegment[] good = operands(arena, library);
        library.product().run(team, GemmShape.of(false, false, M, N, K), good);
        assertThat(good[2].mismatch(arena.allocate(library.bytes(2)))).isEqualTo(-1);
        Campaign.ran("native arguments", "%s, %d wrong ones refused", name, refused);
      });
    }
  }

  private static void refused(
      String name, Library library, ThreadTeam team, GemmShape shape, MemorySegment... abc) {
    assertThatThrownBy(() -> library.product().run(team, shape, abc))
        .as("%s with %s on %s", name, shape, List.of(abc))
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(BirkhoffException.class),
            // Java's own words for memory that is closed, or another thread's.
            e -> assertThat(e).isInstanceOf(IllegalStateException.class),
            e -> assertThat(e).isInstanceOf(WrongThreadException.class))
        .message()
        .isNotBlank();
  }

  private static MemorySegment[] operands(Arena arena, Library library) {
    var abc = new MemorySegment[3];
    for (int i = 0; i < 3; i++) {
      abc[i] = arena.allocate(library.bytes(i), 64);
    }
    return abc;
  }

  private static List<MemorySegment> badSegments(Arena arena, Library library, int operand) {
    long bytes = library.bytes(operand);
    int element = (operand == 2 ? library.out() : library.in()).bytes();
    List<MemorySegment> bad = new ArrayList<>();
    bad.add(MemorySegment.NULL);
    bad.add(MemorySegment.ofAddress(0x1000));
    bad.add(arena.allocate(bytes, 64).asSlice(0, bytes - element));
    bad.add(arena.allocate(bytes, 64).asSlice(0, bytes - 1));
    bad.add(arena.allocate(bytes + element, 64).asSlice(1, bytes));
    bad.add(MemorySegment.ofArray(new byte[(int) bytes]));
    if (operand == 2) {
      bad.add(arena.allocate(bytes, 64).asReadOnly());
    }
    try (Arena gone = Arena.ofShared()) {
      bad.add(gone.allocate(bytes, 64));
    }
    bad.add(CompletableFuture.supplyAsync(() -> ofAnotherThread(bytes)).join());
    return bad;
  }

  @SuppressWarnings("MustBeClosedChecker") // only its own thread could
  private static MemorySegment ofAnotherThread(long bytes) {
    return Arena.ofConfined().allocate(bytes, 64);
  }

  /** Legal geometries for which these operands are far too short. */
  private static List<GemmShape> badShapes(boolean in32Bits) {
    List<GemmShape> bad = new ArrayList<>();
    int most = Integer.MAX_VALUE;
    for (int[] size : new int[][] {{most, N, K}, {M, most, K}, {M, N, most}, {most, most, most}}) {
      bad.add(GemmShape.of(false, false, size[0], size[1], size[2]));
      bad.add(GemmShape.of(true, true, size[0], size[1], size[2]));
    }
    for (long far : new long[] {1000, FAR, 1L << 62}) {
      bad.add(new GemmShape(false, false, 1, M, N, K, far, 0, N, 0, N, 0));
      bad.add(new GemmShape(false, false, 1, M, N, K, K, 0, far, 0, N, 0));
      bad.add(new GemmShape(false, false, 1, M, N, K, K, 0, N, 0, far, 0));
      bad.add(new GemmShape(false, false, 3, M, N, K, K, far, N, 0, N, M * N));
      bad.add(new GemmShape(false, false, 3, M, N, K, K, 0, N, far, N, M * N));
      bad.add(new GemmShape(false, false, 3, M, N, K, K, 0, N, 0, N, far));
    }
    bad.add(new GemmShape(false, false, most, M, N, K, K, 0, N, 0, N, M * N));
    if (in32Bits) {
      // The distance of the rows, of which there is one: nothing is too short.
      bad.add(new GemmShape(false, false, 1, 1, N, K, FAR, 0, N, 0, N, 0));
    }
    return bad;
  }

  @Test
  void impossibleGeometriesCannotBeMade() {
    long[][] wrong = {{-1, 3, 3}, {3, -1, 3}, {3, 3, -1}};
    for (long[] s : wrong) {
      assertThatThrownBy(() -> GemmShape.of(false, false, (int) s[0], (int) s[1], (int) s[2]))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("negative");
    }
    for (long ld : new long[] {-1, 0, 2}) {
      assertThatThrownBy(() -> new GemmShape(false, false, 1, 3, 3, 3, ld, 0, 3, 0, 3, 0))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("shorter than the rows");
    }
    assertThatThrownBy(() -> new GemmShape(false, false, 2, 3, 3, 3, 3, -9, 3, 0, 3, 9))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("negative batch stride");
    assertThatThrownBy(() -> new GemmShape(false, false, 2, 3, 3, 3, 3, 9, 3, 0, 3, 8))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("overlap");
  }
}
