package birkhoff.engine.kernel.vector;

import java.lang.foreign.MemorySegment;

/**
 * One function of two numbers on a run; an operand's increment is 1 or 0 (one element repeated).
 */
interface BinaryKernel {
  /** {@code z[zOff+i] = f(a[aOff+i·aInc], b[bOff+i·bInc])}. */
  void map(
      MemorySegment a,
      long aOff,
      boolean aRepeated,
      MemorySegment b,
      long bOff,
      boolean bRepeated,
      MemorySegment z,
      long zOff,
      long n);

  /** {@code z[zOff+i] = g[zOff+i]·f(a[…], b[…])}, for a partial derivative {@code f}. */
  void scaled(
      MemorySegment a,
      long aOff,
      boolean aRepeated,
      MemorySegment b,
      long bOff,
      boolean bRepeated,
      MemorySegment g,
      MemorySegment z,
      long zOff,
      long n);
}
