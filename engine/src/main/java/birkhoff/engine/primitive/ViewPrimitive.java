package birkhoff.engine.primitive;

import birkhoff.engine.tensor.Tensor;

/** A primitive whose output shares its input's memory. */
public non-sealed interface ViewPrimitive extends Primitive {
  /** The view; no memory is touched. */
  Tensor view(Tensor in);

  @Override
  default boolean readsInput(int input) {
    return false;
  }

  @Override
  default boolean readsOutput(int output) {
    return false;
  }

  @Override
  default long bytes(Operands o, boolean backward) {
    return 0;
  }
}
