package birkhoff.tests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import birkhoff.engine.kernel.WeightRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightRowsTest {
  @Test
  void piecesAreAllRowsOnceAndInOrder() {
    for (long rows : new long[] {0, 1, 3, 4, 5, 63, 768, 3072, 50_304}) {
      for (long rowBytes : new long[] {0, 2, 100, 1536, 12_288, 1 << 22}) {
        for (int threads : new int[] {1, 2, 3, 4, 64}) {
          var cut = WeightRows.of(rows, rowBytes, threads);
          long at = 0;
          for (int piece = 0; piece < cut.pieces(); piece++) {
            assertThat(cut.lo(piece)).as("%s, piece %s", cut, piece).isEqualTo(at);
            assertThat(cut.hi(piece)).as("%s, piece %s", cut, piece).isGreaterThan(at);
            at = cut.hi(piece);
          }
          assertThat(at).as("%s", cut).isEqualTo(rows);
        }
      }
    }
  }

  @Test
  void everyThreadHasWorkAndTheLastPiecesAreSmall() {
    for (int threads = 1; threads <= 16; threads++) {
      var cut = WeightRows.of(768, 3072, threads);
      assertThat(cut.pieces()).isGreaterThanOrEqualTo(threads);
      int last = cut.pieces() - 1;
      assertThat(cut.hi(last) - cut.lo(last)).isLessThanOrEqualTo(cut.hi(0) / 3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void rowsTakenTogetherMeetEveryRowOnce(int together) {
    for (int rows = 0; rows < 20; rows++) {
      long apart = WeightRows.apart(7, 7 + rows, together);
      int[] met = new int[rows];
      for (long j = 0; j < apart; j++) {
        for (int r = 0; r < together; r++) {
          long row = j + r * apart;
          if (row < rows) {
            met[Math.toIntExact(row)]++;
          }
        }
      }
      for (int count : met) {
        assertThat(count).isOne();
      }
    }
  }
}
