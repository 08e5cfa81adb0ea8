import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.AccessFlags;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LocalVariable;
import java.lang.classfile.instruction.LocalVariableType;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A step of the build: replaces calls of static methods that take or return vectors by the methods'
 * bodies, in all classes of a folder. A vector that crosses a call is boxed unless the JIT inlines
 * the call, and whether it does depends on what it happened to compile before; the Vector API's own
 * methods are the only ones that it always inlines. What is left then is calls of those.
 *
 * <p>{@code java InlineVectorMethods.java FOLDER}
 */
final class InlineVectorMethods {
  private static final String VECTORS = "Ljdk/incubator/vector/";

  /** HotSpot compiles no method that is longer. */
  private static final int LONGEST = 8000;

  private static final ClassFile PLAIN = ClassFile.of();

  private final Path folder;
  private final ClassFile writer;
  private final Map<String, Helper> helpers = new HashMap<>();

  /** A method that is inlined wherever it is called. */
  private record Helper(ClassModel owner, MethodModel method, CodeModel code) {
    String name() {
      return owner.thisClass().asInternalName() + "." + method.methodName().stringValue();
    }
  }

  private InlineVectorMethods(Path folder) {
    this.folder = folder;
    this.writer =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(this::classBytes)
                    .orElse(ClassHierarchyResolver.defaultResolver())
                    .cached()));
  }

  public static void main(String[] args) throws IOException {
    var inline = new InlineVectorMethods(Path.of(args[0]));
    List<Path> files;
    try (var walk = Files.walk(inline.folder)) {
      files = walk.filter(f -> f.toString().endsWith(".class")).toList();
    }
    Map<Path, ClassModel> models = new HashMap<>();
    for (Path file : files) {
      ClassModel model = PLAIN.parse(file);
      models.put(file, model);
      inline.collect(model);
    }
    for (Path file : files) {
      ClassModel model = models.get(file);
      if (inline.calls(model)) {
        Files.write(file, inline.rewrite(model));
      }
    }
  }

  /** Classes of the folder and of the run-time image. */
  private InputStream classBytes(ClassDesc type) {
    String name = type.descriptorString();
    String file = name.substring(1, name.length() - 1) + ".class";
    Path image = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
    List<Path> places =
        List.of(
            folder.resolve(file),
            image.resolve("jdk.incubator.vector").resolve(file),
            image.resolve("java.base").resolve(file));
    try {
      for (Path place : places) {
        if (Files.exists(place)) {
          return Files.newInputStream(place);
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String key(String owner, String name, String descriptor) {
    return owner + "." + name + descriptor;
  }

  /** Static methods with vectors; those that make lambdas run once, when a class is initialized. */
  private void collect(ClassModel model) {
    for (MethodModel method : model.methods()) {
      String descriptor = method.methodType().stringValue();
      if (descriptor.contains(VECTORS)
          && method.flags().has(AccessFlag.STATIC)
          && !method.flags().has(AccessFlag.SYNTHETIC)
          && method.code().isPresent()
          && simple(method.code().get())) {
        String key =
            key(model.thisClass().asInternalName(), method.methodName().stringValue(), descriptor);
        helpers.put(key, new Helper(model, method, method.code().get()));
      }
    }
  }

  private static boolean simple(CodeModel code) {
    return code.elementStream()
        .noneMatch(e ->
            e instanceof InvokeDynamicInstruction
                || e instanceof ExceptionCatch
                || e instanceof TableSwitchInstruction
                || e instanceof LookupSwitchInstruction);
  }

  private boolean calls(ClassModel model) {
    return model.methods().stream()
        .flatMap(m -> m.code().stream())
        .flatMap(CodeModel::elementStream)
        .anyMatch(e -> called(e) != null);
  }

  private Helper called(CodeElement element) {
    return element instanceof InvokeInstruction call && call.opcode() == Opcode.INVOKESTATIC
        ? helpers.get(
            key(
                call.owner().asInternalName(),
                call.name().stringValue(),
                call.type().stringValue()))
        : null;
  }

  private byte[] rewrite(ClassModel model) {
    byte[] bytes =
        writer.transformClass(model, (builder, element) -> rewrite(model, builder, element));
    for (MethodModel method : PLAIN.parse(bytes).methods()) {
      int length = method.code().map(c -> ((CodeAttribute) c).codeLength()).orElse(0);
      if (length > LONGEST) {
        throw new IllegalStateException(
            model.thisClass().asInternalName()
                + "."
                + method.methodName().stringValue()
                + " has "
                + length
                + " bytes once its vector methods are inlined; the JIT compiles at most "
                + LONGEST
                + ": cut it in two");
      }
    }
    return bytes;
  }

  private void rewrite(ClassModel model, ClassBuilder builder, ClassElement element) {
    if (!(element instanceof MethodModel method) || method.code().isEmpty()) {
      builder.with(element);
      return;
    }
    builder.transformMethod(
        method,
        (methods, part) -> {
          if (part instanceof CodeModel code) {
            int locals = ((CodeAttribute) code).maxLocals();
            methods.withCode(out -> code.forEach(e -> copy(model, e, out, locals)));
          } else {
            methods.with(part);
          }
        });
  }

  private void copy(ClassModel model, CodeElement element, CodeBuilder out, int locals) {
    Helper helper = called(element);
    if (helper == null) {
      out.with(element);
    } else {
      expand(model, helper, out, locals, 0);
    }
  }

  /** The body of {@code helper}, whose arguments are on the stack, with locals from a base on. */
  private void expand(ClassModel model, Helper helper, CodeBuilder out, int base, int nesting) {
    if (nesting > 20) {
      throw new IllegalStateException(helper.name() + " calls itself: vectors would be boxed");
    }
    List<ClassDesc> parameters =
        MethodTypeDesc.ofDescriptor(helper.method().methodType().stringValue()).parameterList();
    int[] slots = new int[parameters.size()];
    int slot = base;
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot;
      slot += TypeKind.from(parameters.get(i)).slotSize();
    }
    for (int i = slots.length - 1; i >= 0; i--) {
      out.storeLocal(TypeKind.from(parameters.get(i)), slots[i]);
    }
    int next = base + ((CodeAttribute) helper.code()).maxLocals();
    Map<Label, Label> labels = new HashMap<>();
    Label end = out.newLabel();
    for (CodeElement element : helper.code()) {
      Helper inner = called(element);
      if (inner != null) {
        expand(model, inner, out, next, nesting + 1);
        continue;
      }
      switch (element) {
        case LoadInstruction x -> out.loadLocal(x.typeKind(), base + x.slot());
        case StoreInstruction x -> out.storeLocal(x.typeKind(), base + x.slot());
        case IncrementInstruction x -> out.iinc(base + x.slot(), x.constant());
        case ReturnInstruction _ -> out.goto_(end);
        case BranchInstruction x ->
            out.branch(x.opcode(), labels.computeIfAbsent(x.target(), _ -> out.newLabel()));
        case LabelTarget x ->
            out.labelBinding(labels.computeIfAbsent(x.label(), _ -> out.newLabel()));
        case LineNumber _, LocalVariable _, LocalVariableType _ -> {}
        case FieldInstruction x -> {
          requireAccess(model, helper, x.field());
          out.with(x);
        }
        case InvokeInstruction x -> {
          requireAccess(model, helper, x.method());
          out.with(x);
        }
        default -> out.with(element);
      }
    }
    out.labelBinding(end);
  }

  /** What a helper uses of its own class must be open to the class that it is inlined into. */
  private static void requireAccess(ClassModel model, Helper helper, MemberRefEntry member) {
    String owner = member.owner().asInternalName();
    String user = model.thisClass().asInternalName();
    if (!owner.equals(helper.owner().thisClass().asInternalName()) || owner.equals(user)) {
      return;
    }
    AccessFlag enough =
        owner.substring(0, owner.lastIndexOf('/')).equals(user.substring(0, user.lastIndexOf('/')))
            ? AccessFlag.PRIVATE
            : AccessFlag.PUBLIC;
    boolean open = flags(helper.owner(), member).has(enough) == (enough == AccessFlag.PUBLIC);
    if (!open) {
      throw new IllegalStateException(
          helper.name()
              + " is inlined into "
              + user
              + ", which has no access to "
              + member.name().stringValue()
              + ": widen the access of that member");
    }
  }

  private static AccessFlags flags(ClassModel owner, MemberRefEntry member) {
    String name = member.name().stringValue();
    return Stream.concat(
            owner.fields().stream()
                .filter(f ->
                    f.fieldName().equalsString(name)
                        && f.fieldType().equalsString(member.type().stringValue()))
                .map(FieldModel::flags),
            owner.methods().stream()
                .filter(m ->
                    m.methodName().equalsString(name)
                        && m.methodType().equalsString(member.type().stringValue()))
                .map(MethodModel::flags))
        .findFirst()
        .orElseThrow();
  }
}
