package birkhoff.ffi;

import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.tensor.DType;
import java.lang.foreign.MemorySegment;

/** What native code is told of memory, checked before: lengths are the kernels' own matter. */
public final class NativeOperands {
  private NativeOperands() {}

  /**
   * Refuses memory that native code cannot read as elements of a type.
   *
   * @param kernel the kernel and, behind it, the library for messages
   * @throws BirkhoffException for memory on the heap, or that begins between two elements
   */
  public static void requireReadable(
      String kernel, String library, String operand, MemorySegment s, DType dtype) {
    if (!s.isNative()) {
      throw new BirkhoffException(
          kernel
              + ": operand "
              + operand
              + " lies on the heap; "
              + library
              + " needs native memory");
    }
    if (s.address() % dtype.bytes() != 0) {
      throw new BirkhoffException(
          kernel
              + ": operand "
              + operand
              + " does not begin at a multiple of its "
              + dtype
              + " elements");
    }
  }

  /** The same for a result, which must not be read-only either. */
  public static void requireWritable(
      String kernel, String library, String operand, MemorySegment s, DType dtype) {
    requireReadable(kernel, library, operand, s, dtype);
    if (s.isReadOnly()) {
      throw new BirkhoffException(kernel + ": operand " + operand + " is read-only memory");
    }
  }
}
