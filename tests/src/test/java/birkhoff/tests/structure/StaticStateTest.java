package birkhoff.tests.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two engines in one JVM are independent, so no class keeps state of its own. */
class StaticStateTest {
  @Test
  void noStaticFieldCanChange() throws IOException {
    assertThat(BytecodeRules.mutableStatics(Modules.classFiles())).isEmpty();
  }

  @Test
  void staticCollectionsRefuseChanges() throws Exception {
    var found = new ArrayList<String>();
    for (String module : Modules.SHIPPED) {
      for (Path file : Modules.classFiles(Modules.classes(module))) {
        found.addAll(changeableCollections(className(Modules.classes(module).relativize(file))));
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void offendersAreFound() throws Exception {
    String name = Offender.class.getName();
    assertThat(BytecodeRules.mutableStatics(BytecodeRules.fileOf(Offender.class)))
        .containsExactlyInAnyOrder(
            name + ".count: not final",
            name + ".OPEN: array that is not private",
            name + ".WRITTEN: array written after start",
            name + ".CACHE: mutable type Ljava/util/HashMap;");
    assertThat(changeableCollections(name))
        .containsExactlyInAnyOrder(name + ".CACHE", name + ".LIST");
  }

  private static List<String> changeableCollections(String className) throws Exception {
    var found = new ArrayList<String>();
    if (className.endsWith("module-info") || className.endsWith("package-info")) {
      return found;
    }
    Class<?> type = Class.forName(className, false, StaticStateTest.class.getClassLoader());
    for (Field field : type.getDeclaredFields()) {
      boolean collection =
          Collection.class.isAssignableFrom(field.getType())
              || Map.class.isAssignableFrom(field.getType());
      if (collection && Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
        field.setAccessible(true);
        if (isChangeable(field.get(null))) {
          found.add(className + "." + field.getName());
        }
      }
    }
    return found;
  }

  /** Whether clearing is allowed, asked by the classes that the JDK's factories return. */
  private static boolean isChangeable(Object collection) {
    String name = collection.getClass().getName();
    return !name.startsWith("java.util.ImmutableCollections$")
        && !name.startsWith("java.util.Collections$Unmodifiable")
        && !name.startsWith("java.util.Collections$Empty")
        && !name.startsWith("java.util.Collections$Singleton");
  }

  private static String className(Path file) {
    String path = file.toString().replace(file.getFileSystem().getSeparator(), ".");
    return path.substring(0, path.length() - ".class".length());
  }

  /** Breaks every rule, to show that the scans see it. */
  static final class Offender {
    static final int[] OPEN = {1};
    static final List<String> LIST = new ArrayList<>();
    static final List<String> GOOD = List.of("a");
    private static final int[] WRITTEN = {1};
    private static final int[] READ = {1};
    private static final java.util.HashMap<String, String> CACHE = new java.util.HashMap<>();
    static int count;

    private Offender() {}

    static int touch() {
      WRITTEN[0] = CACHE.size();
      return read();
    }

    static int read() {
      return READ[0] + GOOD.size();
    }
  }
}
