package birkhoff.engine.kernel.vector;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.stream.Stream;

/**
 * Copies of a loop class, one for each function that the loop runs. Each is a hidden class with the
 * function's name in a static final field: a constant, which picks the function's branch when the
 * loop is compiled.
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

  /** A copy for each of {@code data}, in their order. */
  static <T> List<T> copies(Class<? extends T> template, Stream<?> data, Class<T> type) {
    return data.<T>map(d -> copy(template, d, type)).toList();
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
