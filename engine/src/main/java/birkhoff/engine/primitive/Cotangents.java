package birkhoff.engine.primitive;

import birkhoff.engine.tensor.Tensor;

/** Gradients flowing through one node during the backward pass. */
public interface Cotangents {
  /** Gradient of an output, contiguous; null when nothing flows into it. */
  Tensor of(int output);

  /** {@link #of}, as memory that this node may overwrite and {@link #give}. */
  Tensor own(int output);

  /** Whether the gradient of an input is needed. */
  boolean wants(int input);

  /**
   * Where the gradient of a wanted input goes. Must be written at once, before the next call: the
   * same tensor may stand at two input places.
   */
  Target into(int input);

  /**
   * {@link #into}, if possible in the memory of an output's gradient: for a vjp that reads element
   * i of that gradient only to write element i of the target.
   */
  Target over(int input, int output);

  /**
   * Says that this vjp reads an input no more, so that memory which only it still needed can hold
   * gradients.
   */
  void done(int input);

  /**
   * Hands over {@code gradient} itself instead of writing a copy: an output gradient, a saved
   * tensor of this node or one allocated by it, contiguous and of the input's shape. It may be
   * given to several inputs and must not be written afterwards.
   */
  void give(int input, Tensor gradient);

  /**
   * @param tensor contiguous memory of the input's shape
   * @param accumulate add to what is there, instead of overwriting it
   */
  record Target(Tensor tensor, boolean accumulate) {
    /** β of {@code y = … + β·y}. */
    public double beta() {
      return accumulate ? 1 : 0;
    }
  }
}
