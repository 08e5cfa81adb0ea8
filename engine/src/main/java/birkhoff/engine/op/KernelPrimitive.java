package birkhoff.engine.op;

import birkhoff.engine.op.elementwise.Binary;
import birkhoff.engine.op.elementwise.Scale;
import birkhoff.engine.op.elementwise.Unary;
import birkhoff.engine.op.fused.AddLayerNorm;
import birkhoff.engine.op.fused.CausalAttention;
import birkhoff.engine.op.fused.CrossEntropy;
import birkhoff.engine.op.fused.Dropout;
import birkhoff.engine.op.fused.LayerNorm;
import birkhoff.engine.op.fused.LinearCrossEntropy;
import birkhoff.engine.op.fused.LogSoftmax;
import birkhoff.engine.op.fused.RmsNorm;
import birkhoff.engine.op.fused.Softmax;
import birkhoff.engine.op.index.Embedding;
import birkhoff.engine.op.index.TokenPositionEmbedding;
import birkhoff.engine.op.linalg.Linear;
import birkhoff.engine.op.linalg.MatMul;
import birkhoff.engine.op.reduce.Sum;
import birkhoff.engine.op.shape.Contiguous;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** A primitive that computes new memory with kernels. */
public sealed interface KernelPrimitive extends Primitive
    permits AddLayerNorm,
        Binary,
        CausalAttention,
        Contiguous,
        CrossEntropy,
        CustomPrimitive,
        Dropout,
        Embedding,
        LayerNorm,
        Linear,
        LinearCrossEntropy,
        LogSoftmax,
        MatMul,
        RmsNorm,
        Scale,
        Softmax,
        Sum,
        TokenPositionEmbedding,
        Unary {

  /**
   * What the operation makes of its inputs.
   *
   * @param recording whether a backward pass may follow; saved tensors are planned only then
   * @throws birkhoff.engine.error.ShapeException naming the operation and the shapes it refuses
   * @throws birkhoff.engine.error.DTypeException likewise for element types
   */
  Plan plan(List<TensorSpec> in, boolean recording);

  /** Fills {@code o.out} and {@code o.saved}; their contents are undefined before. */
  void forward(Execution x, Operands o);

  /** Whether strided views are welcome; otherwise they are copied first. */
  default boolean takesStrided() {
    return false;
  }
}
