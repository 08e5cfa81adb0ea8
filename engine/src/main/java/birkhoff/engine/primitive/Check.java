package birkhoff.engine.primitive;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.TensorSpec;
import java.util.List;

/** Refusals that operations share; every message names the operation and what it got. */
public final class Check {
  private Check() {}

  public static void inputs(String op, List<TensorSpec> in, int least, int most) {
    if (in.size() < least || in.size() > most) {
      throw new ShapeException(
          op + ": " + in.size() + " inputs, expected " + least + (most > least ? "–" + most : ""));
    }
  }

  /** The common floating type of the inputs {@code from …}. */
  public static DType floating(String op, List<TensorSpec> in) {
    DType first = in.getFirst().dtype();
    for (TensorSpec s : in) {
      if (!s.dtype().isFloating() || s.dtype() != first) {
        throw new DTypeException(op + ": inputs " + in + " must have one floating element type");
      }
    }
    return first;
  }

  public static void int32(String op, TensorSpec ids) {
    if (ids.dtype() != DType.INT32) {
      throw new DTypeException(op + ": ids are " + ids + ", int32 is needed");
    }
  }

  public static void rank(String op, TensorSpec t, int least) {
    if (t.shape().rank() < least) {
      throw new ShapeException(op + ": " + t + " has too few dimensions, at least " + least);
    }
  }

  public static void shape(String op, String operand, TensorSpec t, Shape expected) {
    if (!t.shape().equals(expected)) {
      throw new ShapeException(
          op + ": " + operand + " has shape " + t.shape() + ", expected " + expected);
    }
  }

  /** {@code condition}, or a refusal that names the inputs. */
  public static void that(boolean condition, String op, List<TensorSpec> in, String rule) {
    if (!condition) {
      throw new ShapeException(op + ": inputs " + in + ": " + rule);
    }
  }

  /** A size that kernels index with an int. */
  public static int intSize(String op, long size) {
    if (size > Integer.MAX_VALUE) {
      throw new ShapeException(op + ": size " + size + " is over " + Integer.MAX_VALUE);
    }
    return (int) size;
  }
}
