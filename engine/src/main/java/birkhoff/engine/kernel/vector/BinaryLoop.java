package birkhoff.engine.kernel.vector;

import static birkhoff.engine.kernel.vector.Lanes.LENGTH;
import static birkhoff.engine.kernel.vector.Lanes.load;
import static birkhoff.engine.kernel.vector.Lanes.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The loops of one binary function; runs only as a {@link Specialized} copy. */
final class BinaryLoop implements BinaryKernel {
  private static final BinaryFunctions.Form FORM =
      Specialized.data(MethodHandles.lookup(), BinaryFunctions.Form.class);

  BinaryLoop() {}

  @Override
  public void map(
      MemorySegment a,
      long aOff,
      boolean aRepeated,
      MemorySegment b,
      long bOff,
      boolean bRepeated,
      MemorySegment z,
      long zOff,
      long n) {
    long i = 0;
    if (aRepeated) {
      float repeated = a.getAtIndex(ValueLayout.JAVA_FLOAT, aOff);
      for (; i <= n - LENGTH; i += LENGTH) {
        store(
            BinaryFunctions.of(FORM, FloatVector.broadcast(Lanes.F, repeated), load(b, bOff + i)),
            z,
            zOff + i);
      }
    } else if (bRepeated) {
      float repeated = b.getAtIndex(ValueLayout.JAVA_FLOAT, bOff);
      for (; i <= n - LENGTH; i += LENGTH) {
        store(
            BinaryFunctions.of(FORM, load(a, aOff + i), FloatVector.broadcast(Lanes.F, repeated)),
            z,
            zOff + i);
      }
    } else {
      for (; i <= n - LENGTH; i += LENGTH) {
        store(BinaryFunctions.of(FORM, load(a, aOff + i), load(b, bOff + i)), z, zOff + i);
      }
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector va = aRepeated ? one(a, aOff) : load(a, aOff + i, rest);
      FloatVector vb = bRepeated ? one(b, bOff) : load(b, bOff + i, rest);
      store(BinaryFunctions.of(FORM, va, vb), z, zOff + i, rest);
    }
  }

  @Override
  public void scaled(
      MemorySegment a,
      long aOff,
      boolean aRepeated,
      MemorySegment b,
      long bOff,
      boolean bRepeated,
      MemorySegment g,
      MemorySegment z,
      long zOff,
      long n) {
    long i = 0;
    if (aRepeated) {
      float repeated = a.getAtIndex(ValueLayout.JAVA_FLOAT, aOff);
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector f =
            BinaryFunctions.of(FORM, FloatVector.broadcast(Lanes.F, repeated), load(b, bOff + i));
        store(load(g, zOff + i).mul(f), z, zOff + i);
      }
    } else if (bRepeated) {
      float repeated = b.getAtIndex(ValueLayout.JAVA_FLOAT, bOff);
      for (; i <= n - LENGTH; i += LENGTH) {
        FloatVector f =
            BinaryFunctions.of(FORM, load(a, aOff + i), FloatVector.broadcast(Lanes.F, repeated));
        store(load(g, zOff + i).mul(f), z, zOff + i);
      }
    } else {
      for (; i <= n - LENGTH; i += LENGTH) {
        store(
            load(g, zOff + i).mul(BinaryFunctions.of(FORM, load(a, aOff + i), load(b, bOff + i))),
            z,
            zOff + i);
      }
    }
    if (i < n) {
      VectorMask<Float> rest = Lanes.first(n - i);
      FloatVector va = aRepeated ? one(a, aOff) : load(a, aOff + i, rest);
      FloatVector vb = bRepeated ? one(b, bOff) : load(b, bOff + i, rest);
      store(load(g, zOff + i, rest).mul(BinaryFunctions.of(FORM, va, vb)), z, zOff + i, rest);
    }
  }

  private static FloatVector one(MemorySegment s, long i) {
    return FloatVector.broadcast(Lanes.F, s.getAtIndex(ValueLayout.JAVA_FLOAT, i));
  }
}
