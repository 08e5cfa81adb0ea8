package birkhoff.tests.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import birkhoff.engine.Engine;
import birkhoff.engine.EngineConfig;
import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Views address the right elements, also at the edges and when there are none. */
class TensorTest {
  private final Engine engine = Engine.create(EngineConfig.defaults().withThreads(1));
  private final Tensor x = engine.tensor(new double[] {0, 1, 2, 3, 4, 5}, 2, 3);

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void viewsShareElements() {
    assertThat(x.t().toDoubleArray()).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(x.slice(1, 1, 3).toDoubleArray()).containsExactly(1, 2, 4, 5);
    assertThat(x.slice(-1, 1, 3).t().slice(0, 1, 2).toDoubleArray()).containsExactly(2, 5);
    assertThat(x.slice(0, 1, 2).broadcastTo(Shape.of(2, 2, 3)).toDoubleArray())
        .containsExactly(3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4, 5);
    assertThat(x.reshape(3, 2).get(2, 1)).isEqualTo(5);
    x.t().set(9, 2, 0);
    assertThat(x.get(0, 2)).isEqualTo(9);
    assertThat(x.sharesStorage(x.t())).isTrue();
    assertThat(x.slice(1, 0, 1).copyFrom(7, 8).sharesStorage(x)).isTrue();
    assertThat(x.toDoubleArray()).containsExactly(7, 1, 9, 8, 4, 5);
  }

  @Test
  void emptyViewsNeverLeaveTheStorage() {
    Tensor lastColumn = x.slice(1, 2, 3);
    assertThat(lastColumn.slice(0, 2, 2).count()).isZero();
    Tensor none = engine.zeros(DType.FLOAT32, 0, 5);
    assertThat(none.slice(1, 3, 5).shape()).isEqualTo(Shape.of(0, 2));
    assertThat(none.slice(1, 3, 5).data().byteSize()).isZero();
    assertThat(none.t().slice(0, 4, 5).toDoubleArray()).isEmpty();
    assertThat(none.broadcastTo(Shape.of(2, 0, 5)).toFloatArray()).isEmpty();
    assertThat(none).hasToString("float32[0, 5] {}");
    assertThat(none.isContiguous()).isTrue();
    assertThat(none.reshape(3, 0).shape()).isEqualTo(Shape.of(3, 0));
  }

  @Test
  void scalarsHaveRankZero() {
    Tensor s = engine.zeros(DType.FLOAT64);
    s.set(4);
    assertThat(s.item()).isEqualTo(4);
    assertThat(s).hasToString("float64[] {4.00000}");
    assertThat(s.broadcastTo(Shape.of(2)).toDoubleArray()).containsExactly(4, 4);
  }

  @Test
  void bfloat16RoundsToNearestEvenAndKeepsNaN() {
    Tensor b = engine.zeros(DType.BFLOAT16, 7);
    // 2^-8 is half a unit in the last place of numbers in [1, 2).
    b.copyFrom(
        1 + 0x1p-8, 1 + 3 * 0x1p-8, -1 - 0x1.01p-8, 3e38, Float.MAX_VALUE, 0x1p-130, Double.NaN);
    assertThat(b.toDoubleArray())
        .containsExactly(
            1,
            1 + 4 * 0x1p-8,
            -1 - 2 * 0x1p-8,
            (double) DType.fromBfloat16(DType.toBfloat16(3e38f)),
            Double.POSITIVE_INFINITY,
            0x1p-130,
            Double.NaN);
    assertThat(b.get(3)).isCloseTo(3e38, org.assertj.core.data.Percentage.withPercentage(0.4));
    assertThat(Float.isNaN(DType.fromBfloat16(DType.toBfloat16(Float.intBitsToFloat(0x7f800001)))))
        .isTrue();
  }

  @Test
  void wrongIndicesShapesAndLengthsAreRefused() {
    assertThatThrownBy(() -> x.get(2, 0))
        .isInstanceOf(ShapeException.class)
        .hasMessageContainingAll("[2, 0]", "[2, 3]");
    assertThatThrownBy(() -> x.get(0)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(x::item)
        .isInstanceOf(ShapeException.class)
        .hasMessageContainingAll("item", "[2, 3]");
    assertThatThrownBy(() -> x.copyFrom(1.0, 2.0))
        .isInstanceOf(ShapeException.class)
        .hasMessageContainingAll("2 values", "[2, 3]");
    assertThatThrownBy(() -> x.copyFrom(new int[6])).isInstanceOf(DTypeException.class);
    assertThatThrownBy(() -> x.t().reshape(6)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> Shape.of(2, -1))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("negative");
    assertThatThrownBy(() -> Shape.of(1L << 40, 1L << 40)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> engine.zeros(DType.FLOAT64, Long.MAX_VALUE))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("not addressable");
    assertThatThrownBy(() -> TensorSpec.of(Shape.of(Long.MAX_VALUE), DType.FLOAT32).bytes())
        .isInstanceOf(ShapeException.class);
  }
}
