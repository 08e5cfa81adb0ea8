package birkhoff.tests.structure;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.AccessFlag;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules about the order of instructions, which a dependency graph cannot express. */
final class BytecodeRules {
  private static final Set<String> FLOATS =
      Set.of("jdk/incubator/vector/FloatVector", "jdk/incubator/vector/DoubleVector");

  /** Types that are mutable however they are declared. */
  private static final List<String> MUTABLE =
      List.of(
          "Ljava/util/concurrent/atomic/",
          "Ljava/util/concurrent/ConcurrentHashMap",
          "Ljava/util/ArrayList",
          "Ljava/util/ArrayDeque",
          "Ljava/util/HashMap",
          "Ljava/util/HashSet",
          "Ljava/util/LinkedHashMap",
          "Ljava/util/TreeMap",
          "Ljava/util/IdentityHashMap",
          "Ljava/util/WeakHashMap",
          "Ljava/util/Random",
          "Ljava/util/SplittableRandom",
          "Ljava/util/BitSet",
          "Ljava/lang/ThreadLocal",
          "Ljava/lang/StringBuilder",
          "Ljava/lang/foreign/Arena",
          "Ljava/lang/foreign/MemorySegment",
          "Ljava/nio/ByteBuffer",
          "Ljava/nio/FloatBuffer");

  private BytecodeRules() {}

  /** {@code Class.method: operator} for each ADD, MUL or computed operator of a float reduction. */
  static List<String> unorderedReductions(List<Path> classFiles) throws IOException {
    var found = new ArrayList<String>();
    for (Path file : classFiles) {
      ClassModel model = ClassFile.of().parse(file);
      for (MethodModel method : model.methods()) {
        String operator = "unknown";
        for (CodeElement element : code(method)) {
          if (element instanceof FieldInstruction field && isOperator(field)) {
            operator = field.name().stringValue();
          } else if (element instanceof InvokeInstruction call && isReduction(call)) {
            if (!operator.equals("MIN") && !operator.equals("MAX")) {
              found.add(name(model) + "." + method.methodName().stringValue() + ": " + operator);
            }
            operator = "unknown";
          }
        }
      }
    }
    return found;
  }

  /**
   * {@code Class.method: callee} for each call outside of the Vector API that takes or returns a
   * vector, except where a class is initialized.
   */
  static List<String> vectorCalls(List<Path> classFiles) throws IOException {
    var found = new ArrayList<String>();
    for (Path file : classFiles) {
      ClassModel model = ClassFile.of().parse(file);
      for (MethodModel method : model.methods()) {
        for (CodeElement element : code(method)) {
          if (element instanceof InvokeInstruction call
              && !call.owner().asInternalName().startsWith("jdk/incubator/vector/")
              && call.type().stringValue().contains("Ljdk/incubator/vector/")
              && !method.methodName().equalsString("<clinit>")) {
            found.add(
                name(model)
                    + "."
                    + method.methodName().stringValue()
                    + ": "
                    + call.name().stringValue());
          }
        }
      }
    }
    return found;
  }

  /**
   * {@code Class.field: why} for each static field that can change: not final, of a mutable type,
   * an array that others can reach, or an array that the class writes after its initialiser.
   */
  static List<String> mutableStatics(List<Path> classFiles) throws IOException {
    var found = new ArrayList<String>();
    for (Path file : classFiles) {
      ClassModel model = ClassFile.of().parse(file);
      Set<String> written = arraysWritten(model);
      for (FieldModel field : model.fields()) {
        String why = mutability(field, written);
        if (why != null) {
          found.add(name(model) + "." + field.fieldName().stringValue() + ": " + why);
        }
      }
    }
    return found;
  }

  private static String mutability(FieldModel field, Set<String> written) {
    String type = field.fieldType().stringValue();
    if (!field.flags().has(AccessFlag.STATIC) || field.flags().has(AccessFlag.SYNTHETIC)) {
      return null;
    }
    if (!field.flags().has(AccessFlag.FINAL)) {
      return "not final";
    }
    if (MUTABLE.stream().anyMatch(type::startsWith)) {
      return "mutable type " + type;
    }
    if (type.startsWith("[") && !field.flags().has(AccessFlag.PRIVATE)) {
      return "array that is not private";
    }
    return written.contains(field.fieldName().stringValue()) ? "array written after start" : null;
  }

  /** Static arrays that a method fetches and, before it loads an element, stores into. */
  private static Set<String> arraysWritten(ClassModel model) {
    var written = new HashSet<String>();
    for (MethodModel method : model.methods()) {
      if (method.methodName().equalsString("<clinit>")) {
        continue;
      }
      var fetched = new ArrayDeque<String>();
      for (CodeElement element : code(method)) {
        if (element instanceof FieldInstruction field
            && field.opcode() == Opcode.GETSTATIC
            && field.owner().asInternalName().equals(model.thisClass().asInternalName())
            && field.type().stringValue().startsWith("[")) {
          fetched.push(field.name().stringValue());
        } else if (element instanceof ArrayLoadInstruction) {
          fetched.poll();
        } else if (element instanceof ArrayStoreInstruction) {
          written.addAll(fetched);
        }
      }
    }
    return written;
  }

  private static List<CodeElement> code(MethodModel method) {
    return method.code().map(CodeModel::elementList).orElse(List.of());
  }

  /** The class file of a class of this module. */
  static List<Path> fileOf(Class<?> type) {
    String name = type.getName().replace('.', '/') + ".class";
    try {
      return List.of(Path.of(type.getClassLoader().getResource(name).toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static boolean isOperator(FieldInstruction field) {
    return field.owner().asInternalName().equals("jdk/incubator/vector/VectorOperators");
  }

  private static boolean isReduction(InvokeInstruction call) {
    return FLOATS.contains(call.owner().asInternalName())
        && call.name().stringValue().startsWith("reduceLanes");
  }

  private static String name(ClassModel model) {
    return model.thisClass().asInternalName().replace('/', '.');
  }
}
