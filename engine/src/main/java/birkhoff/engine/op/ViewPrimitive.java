package birkhoff.engine.op;

import birkhoff.engine.op.shape.BroadcastTo;
import birkhoff.engine.op.shape.Reshape;
import birkhoff.engine.op.shape.Slice;
import birkhoff.engine.op.shape.Transpose;
import birkhoff.engine.tensor.Tensor;

/** A primitive whose output shares its input's memory. */
public sealed interface ViewPrimitive extends Primitive
    permits BroadcastTo, Reshape, Slice, Transpose {
  /** The view; no memory is touched. */
  Tensor view(Tensor in);
}
