package birkhoff.engine.kernel.vector;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Copies of a loop class, one for each function that the loop runs. A loop shared by many functions
 * calls them through a megamorphic site, which boxes every vector; in its own hidden class, with
 * the function in a static final field, the same bytecode is compiled with the function inlined.
 */
final class Specialized {
  private Specialized() {}

  /** A new copy of {@code template}, whose static initializer finds {@code data}. */
  static <T> T copy(Class<? extends T> template, Object data, Class<T> type) {
    try (InputStream in = template.getResourceAsStream(template.getSimpleName() + ".class")) {
      MethodHandles.Lookup copy =
          MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), data, true);
      MethodType constructor = MethodType.methodType(void.class);
      return type.cast(copy.findConstructor(copy.lookupClass(), constructor).invoke());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the class file of " + template.getName(), e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot specialize " + template.getName(), e);
    }
  }

  /** Called by the copy's static initializer. */
  static <D> D data(MethodHandles.Lookup caller, Class<D> type) {
    try {
      return MethodHandles.classData(caller, java.lang.constant.ConstantDescs.DEFAULT_NAME, type);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
