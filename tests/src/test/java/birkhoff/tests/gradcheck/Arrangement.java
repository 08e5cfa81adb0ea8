package birkhoff.tests.gradcheck;

import birkhoff.engine.op.Ops;
import birkhoff.engine.tensor.Tensor;

/** How an operand lies in memory: the whole of a tensor, or a view of another one. */
enum Arrangement {
  PLAIN {
    @Override
    long[] base(long... shape) {
      return shape.clone();
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      return base;
    }
  },
  TRANSPOSED {
    @Override
    long[] base(long... shape) {
      long[] b = shape.clone();
      int n = b.length;
      if (n >= 2) {
        b[n - 1] = shape[n - 2];
        b[n - 2] = shape[n - 1];
      }
      return b;
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      return shape.length < 2 ? base : ops.transpose(base, -2, -1);
    }
  },
  SLICED {
    @Override
    long[] base(long... shape) {
      long[] b = shape.clone();
      if (b.length > 0) {
        b[b.length - 1] += 3;
      }
      return b;
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      int last = shape.length - 1;
      return last < 0 ? base : ops.slice(base, last, 2, 2 + shape[last]);
    }
  },
  /** From the second of the outermost rows on. */
  LOWER_ROWS {
    @Override
    long[] base(long... shape) {
      long[] b = shape.clone();
      if (b.length > 0) {
        b[0] += 2;
      }
      return b;
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      return shape.length == 0 ? base : ops.slice(base, 0, 1, 1 + shape[0]);
    }
  },
  /** A transposed view whose rows are not next to each other either. */
  TRANSPOSED_PART {
    @Override
    long[] base(long... shape) {
      return SLICED.base(TRANSPOSED.base(shape));
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      return TRANSPOSED.view(ops, SLICED.view(ops, base, TRANSPOSED.base(shape)), shape);
    }
  },
  /** Stride 0 along the outermost dimension that is not 1. */
  REPEATED {
    @Override
    long[] base(long... shape) {
      long[] b = shape.clone();
      for (int i = 0; i < b.length; i++) {
        if (b[i] != 1) {
          b[i] = 1;
          break;
        }
      }
      return b;
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      return ops.broadcastTo(base, shape);
    }
  },
  /** Stride 0 along the innermost dimension. */
  REPEATED_ELEMENTS {
    @Override
    long[] base(long... shape) {
      long[] b = shape.clone();
      if (b.length > 0) {
        b[b.length - 1] = 1;
      }
      return b;
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      return ops.broadcastTo(base, shape);
    }
  },
  /** One element everywhere: stride 0 along every dimension. */
  ONE_ELEMENT {
    @Override
    long[] base(long... shape) {
      long[] b = new long[shape.length];
      java.util.Arrays.fill(b, 1);
      return b;
    }

    @Override
    Tensor view(Ops ops, Tensor base, long... shape) {
      return ops.broadcastTo(base, shape);
    }
  };

  /** Shape of the tensor that a view of {@code shape} is taken from. */
  abstract long[] base(long... shape);

  abstract Tensor view(Ops ops, Tensor base, long... shape);

  /** Whether one element of the storage stands for several of the view. */
  boolean repeats() {
    return this == REPEATED || this == REPEATED_ELEMENTS || this == ONE_ELEMENT;
  }
}
