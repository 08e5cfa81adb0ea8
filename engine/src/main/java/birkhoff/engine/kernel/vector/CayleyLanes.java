package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.F;
import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.ORDER;

import birkhoff.engine.kernel.Mixing.CayleyShape;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The Cayley transforms of {@link Lanes#LENGTH} tokens at once, one token per lane, in double. A
 * number of the group is two double vectors side by side in scratch memory.
 *
 * <p>Double, because unpivoted elimination lets entries grow like |A|²: with entries of A around 30
 * float32 loses 4 of 7 digits, around 1000 all of them. The streams cost far more than this.
 */
final class CayleyLanes {
  private static final VectorSpecies<Double> D =
      VectorSpecies.of(double.class, VectorShape.forBitSize(F.vectorBitSize()));

  /** Bytes of one double vector, and of one number of the whole group. */
  private static final int HALF = D.vectorByteSize();

  private static final int CELL = 2 * HALF;

  private CayleyLanes() {}

  /** Three n×n matrices: M, the gradient of Q, and a product. */
  static long scratchBytes(CayleyShape shape) {
    return 3L * shape.n() * shape.n() * CELL;
  }

  private static DoubleVector at(MemorySegment m, long offset) {
    return DoubleVector.fromMemorySegment(D, m, offset, ORDER);
  }

  private static void put(DoubleVector v, MemorySegment m, long offset) {
    v.intoMemorySegment(m, offset, ORDER);
  }

  private static FloatVector load(MemorySegment m, long offset, boolean full, int count) {
    return full
        ? FloatVector.fromMemorySegment(F, m, offset, ORDER)
        : FloatVector.fromMemorySegment(F, m, offset, ORDER, F.indexInRange(0, count));
  }

  private static void store(
      DoubleVector first, DoubleVector second, MemorySegment m, long offset, int count) {
    FloatVector a = (FloatVector) first.convertShape(VectorOperators.D2F, F, 0);
    FloatVector b = (FloatVector) second.convertShape(VectorOperators.D2F, F, -1);
    // Each conversion leaves zeros in the half that the other one fills.
    FloatVector v = a.add(b);
    if (count >= LENGTH) {
      v.intoMemorySegment(m, offset, ORDER);
    } else {
      VectorMask<Float> mask = F.indexInRange(0, count);
      v.intoMemorySegment(m, offset, ORDER, mask);
    }
  }

  /** I + A of the tokens {@code [t, t+count)} from z, then M = (I+A)^{-1} in its place. */
  static void invert(
      int n, MemorySegment z, long tokens, long t, int count, MemorySegment scratch) {
    boolean full = count >= LENGTH;
    DoubleVector one = DoubleVector.broadcast(D, 1);
    long source = t * Float.BYTES;
    for (int p = 0; p < n; p++) {
      put(one, scratch, cell(n, p, p));
      put(one, scratch, cell(n, p, p) + HALF);
      for (int q = p + 1; q < n; q++) {
        FloatVector v = load(z, source, full, count);
        DoubleVector a = (DoubleVector) v.convertShape(VectorOperators.F2D, D, 0);
        DoubleVector b = (DoubleVector) v.convertShape(VectorOperators.F2D, D, 1);
        put(a, scratch, cell(n, p, q));
        put(b, scratch, cell(n, p, q) + HALF);
        put(a.neg(), scratch, cell(n, q, p));
        put(b.neg(), scratch, cell(n, q, p) + HALF);
        source += tokens * Float.BYTES;
      }
    }
    for (int k = 0; k < n; k++) {
      pivot(n, k, scratch);
    }
  }

  private static long cell(int n, int r, int c) {
    return ((long) r * n + c) * CELL;
  }

  /** One Gauss-Jordan step. Every pivot is at least 1, so none is searched. */
  private static void pivot(int n, int k, MemorySegment m) {
    DoubleVector one = DoubleVector.broadcast(D, 1);
    long row = cell(n, k, 0);
    long diagonal = cell(n, k, k);
    DoubleVector inverse0 = one.div(at(m, diagonal));
    DoubleVector inverse1 = one.div(at(m, diagonal + HALF));
    put(one, m, diagonal);
    put(one, m, diagonal + HALF);
    for (int c = 0; c < n; c++) {
      long o = row + (long) c * CELL;
      put(at(m, o).mul(inverse0), m, o);
      put(at(m, o + HALF).mul(inverse1), m, o + HALF);
    }
    int r = 0;
    for (; r + 1 < k; r += 2) {
      eliminate2(n, k, r, m);
    }
    if (r < k) {
      eliminate(n, k, r, m);
    }
    r = k + 1;
    for (; r + 1 < n; r += 2) {
      eliminate2(n, k, r, m);
    }
    if (r < n) {
      eliminate(n, k, r, m);
    }
  }

  /** Row r minus its entry k times row k. */
  private static void eliminate(int n, int k, int r, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    long entry = cell(n, r, k);
    DoubleVector factor0 = at(m, entry).neg();
    DoubleVector factor1 = at(m, entry + HALF).neg();
    put(zero, m, entry);
    put(zero, m, entry + HALF);
    long row = cell(n, k, 0);
    long target = cell(n, r, 0);
    for (int c = 0; c < n; c++) {
      long o = (long) c * CELL;
      put(at(m, row + o).fma(factor0, at(m, target + o)), m, target + o);
      put(at(m, row + o + HALF).fma(factor1, at(m, target + o + HALF)), m, target + o + HALF);
    }
  }

  /** Rows r and r+1 together, which halves the reads of row k. */
  private static void eliminate2(int n, int k, int r, MemorySegment m) {
    DoubleVector zero = DoubleVector.zero(D);
    long a = cell(n, r, 0);
    long b = cell(n, r + 1, 0);
    long entry = (long) k * CELL;
    DoubleVector fa0 = at(m, a + entry).neg();
    DoubleVector fa1 = at(m, a + entry + HALF).neg();
    DoubleVector fb0 = at(m, b + entry).neg();
    DoubleVector fb1 = at(m, b + entry + HALF).neg();
    put(zero, m, a + entry);
    put(zero, m, a + entry + HALF);
    put(zero, m, b + entry);
    put(zero, m, b + entry + HALF);
    long row = cell(n, k, 0);
    for (int c = 0; c < n; c++) {
      long o = (long) c * CELL;
      DoubleVector p0 = at(m, row + o);
      DoubleVector p1 = at(m, row + o + HALF);
      put(p0.fma(fa0, at(m, a + o)), m, a + o);
      put(p1.fma(fa1, at(m, a + o + HALF)), m, a + o + HALF);
      put(p0.fma(fb0, at(m, b + o)), m, b + o);
      put(p1.fma(fb1, at(m, b + o + HALF)), m, b + o + HALF);
    }
  }

  /** H of the group from M: mean squares of the blocks of Q = 2M - I, times s. */
  static void energies(
      CayleyShape shape, MemorySegment scratch, MemorySegment h, long tokens, long t, int count) {
    int s = shape.s();
    for (int i = 0; i < shape.d(); i++) {
      for (int j = 0; j < shape.d(); j++) {
        long offset = (((long) i * shape.d() + j) * tokens + t) * Float.BYTES;
        energy(shape.n(), i * s, j * s, s, scratch, h, offset, count);
      }
    }
  }

  private static void energy(
      int n, int r0, int c0, int s, MemorySegment m, MemorySegment h, long offset, int count) {
    DoubleVector sum0 = DoubleVector.zero(D);
    DoubleVector sum1 = DoubleVector.zero(D);
    for (int r = r0; r < r0 + s; r++) {
      for (int c = c0; c < c0 + s; c++) {
        double unit = r == c ? -1 : 0;
        long o = cell(n, r, c);
        DoubleVector q0 = at(m, o).mul(2).add(unit);
        DoubleVector q1 = at(m, o + HALF).mul(2).add(unit);
        sum0 = q0.fma(q0, sum0);
        sum1 = q1.fma(q1, sum1);
      }
    }
    store(sum0.div(s), sum1.div(s), h, offset, count);
  }

  /** The second matrix of scratch: dL/dQ = 2/s · dL/dH · Q in each block. */
  static void energyGradients(
      CayleyShape shape, MemorySegment gh, long tokens, long t, int count, MemorySegment scratch) {
    int n = shape.n();
    int s = shape.s();
    boolean full = count >= LENGTH;
    long gradient = (long) n * n * CELL;
    for (int i = 0; i < shape.d(); i++) {
      for (int j = 0; j < shape.d(); j++) {
        long offset = (((long) i * shape.d() + j) * tokens + t) * Float.BYTES;
        FloatVector g = load(gh, offset, full, count);
        DoubleVector g0 = ((DoubleVector) g.convertShape(VectorOperators.F2D, D, 0)).mul(2.0 / s);
        DoubleVector g1 = ((DoubleVector) g.convertShape(VectorOperators.F2D, D, 1)).mul(2.0 / s);
        for (int r = i * s; r < i * s + s; r++) {
          for (int c = j * s; c < j * s + s; c++) {
            double unit = r == c ? -1 : 0;
            long o = cell(n, r, c);
            put(at(scratch, o).mul(2).add(unit).mul(g0), scratch, gradient + o);
            put(at(scratch, o + HALF).mul(2).add(unit).mul(g1), scratch, gradient + o + HALF);
          }
        }
      }
    }
  }

  /** The third matrix of scratch: T = Mᵀ·(dL/dQ). */
  static void product(int n, MemorySegment scratch) {
    for (int r = 0; r < n; r++) {
      int c = 0;
      for (; c + 1 < n; c += 2) {
        product2(n, r, c, scratch);
      }
      if (c < n) {
        product1(n, r, c, scratch);
      }
    }
  }

  private static void product1(int n, int r, int c, MemorySegment m) {
    long gradient = (long) n * n * CELL;
    DoubleVector sum0 = DoubleVector.zero(D);
    DoubleVector sum1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long a = cell(n, k, r);
      long b = gradient + cell(n, k, c);
      sum0 = at(m, a).fma(at(m, b), sum0);
      sum1 = at(m, a + HALF).fma(at(m, b + HALF), sum1);
    }
    long o = 2 * gradient + cell(n, r, c);
    put(sum0, m, o);
    put(sum1, m, o + HALF);
  }

  private static void product2(int n, int r, int c, MemorySegment m) {
    long gradient = (long) n * n * CELL;
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector t0 = DoubleVector.zero(D);
    DoubleVector t1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long a = cell(n, k, r);
      long b = gradient + cell(n, k, c);
      DoubleVector m0 = at(m, a);
      DoubleVector m1 = at(m, a + HALF);
      s0 = m0.fma(at(m, b), s0);
      s1 = m1.fma(at(m, b + HALF), s1);
      t0 = m0.fma(at(m, b + CELL), t0);
      t1 = m1.fma(at(m, b + CELL + HALF), t1);
    }
    long o = 2 * gradient + cell(n, r, c);
    put(s0, m, o);
    put(s1, m, o + HALF);
    put(t0, m, o + CELL);
    put(t1, m, o + CELL + HALF);
  }

  /** dL/dz_pq = S_pq - S_qp with S = -2·T·Mᵀ, to the rows of gz. */
  static void skewGradients(
      int n, MemorySegment scratch, MemorySegment gz, long tokens, long t, int count) {
    long offset = t * Float.BYTES;
    for (int p = 0; p < n; p++) {
      for (int q = p + 1; q < n; q++) {
        skewGradient(n, p, q, scratch, gz, offset, count);
        offset += tokens * Float.BYTES;
      }
    }
  }

  private static void skewGradient(
      int n, int p, int q, MemorySegment m, MemorySegment gz, long offset, int count) {
    long product = 2L * n * n * CELL;
    long mp = cell(n, p, 0);
    long mq = cell(n, q, 0);
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = DoubleVector.zero(D);
    DoubleVector t0 = DoubleVector.zero(D);
    DoubleVector t1 = DoubleVector.zero(D);
    for (int k = 0; k < n; k++) {
      long o = (long) k * CELL;
      s0 = at(m, product + mp + o).fma(at(m, mq + o), s0);
      s1 = at(m, product + mp + o + HALF).fma(at(m, mq + o + HALF), s1);
      t0 = at(m, product + mq + o).fma(at(m, mp + o), t0);
      t1 = at(m, product + mq + o + HALF).fma(at(m, mp + o + HALF), t1);
    }
    store(t0.sub(s0).mul(2), t1.sub(s1).mul(2), gz, offset, count);
  }
}
