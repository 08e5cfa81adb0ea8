package birkhoff.tests.structure;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds operations of vectors that a loop carries from turn to turn: their class is not known when
 * C2 takes in the calls, so that it depends on profiles whether it does. As an argument such a
 * vector does no harm.
 */
final class CarriedReceivers {
  private static final String VECTOR = "jdk/incubator/vector/\\w+Vector";

  /** What is on the operand stack: a variable's slot, or another value of one or two words. */
  private static final int WORD = -1;

  private static final int TWO_WORDS = -2;

  private final List<CodeElement> code;
  private final int from;
  private final int to;
  private final Set<Integer> carried;
  private final List<Integer> stack = new ArrayList<>();
  private final Map<Label, List<Integer>> stacks = new HashMap<>();
  private final Set<String> found = new TreeSet<>();

  private CarriedReceivers(List<CodeElement> code, int from, int to, Set<Integer> carried) {
    this.code = code;
    this.from = from;
    this.to = to;
    this.carried = carried;
  }

  /** {@code Class.method: operation} for each. */
  static Set<String> in(List<Path> classFiles) throws IOException {
    var found = new TreeSet<String>();
    for (Path file : classFiles) {
      ClassModel model = ClassFile.of().parse(file);
      for (MethodModel method : model.methods()) {
        String name =
            model.thisClass().asInternalName().replace('/', '.')
                + "."
                + method.methodName().stringValue();
        method.code().ifPresent(c -> of(c.elementList()).forEach(op -> found.add(name + op)));
      }
    }
    return found;
  }

  private static Set<String> of(List<CodeElement> code) {
    var found = new TreeSet<String>();
    VectorLoops.loops(code)
        .forEach((from, to) -> {
          Set<Integer> carried = VectorLoops.carried(code, from, to);
          if (!carried.isEmpty()) {
            found.addAll(new CarriedReceivers(code, from, to, carried).scan());
          }
        });
    return found;
  }

  private Set<String> scan() {
    for (CodeElement element : code.subList(from, to + 1)) {
      step(element);
    }
    return found;
  }

  private void step(CodeElement element) {
    switch (element) {
      case LabelTarget label -> {
        List<Integer> known = stacks.get(label.label());
        if (known != null) {
          stack.clear();
          stack.addAll(known);
        }
      }
      case LoadInstruction load -> {
        boolean old = load.typeKind() == TypeKind.REFERENCE && carried.contains(load.slot());
        stack.add(old ? load.slot() : words(load.typeKind()));
      }
      case StoreInstruction store -> {
        // Methods that the build put here begin with copies of their arguments.
        if (pop(1) >= 0) {
          carried.add(store.slot());
        } else {
          carried.remove(store.slot());
        }
      }
      case ConstantInstruction constant -> stack.add(words(constant.typeKind()));
      case FieldInstruction field -> {
        boolean put = field.opcode() == Opcode.PUTFIELD || field.opcode() == Opcode.PUTSTATIC;
        boolean instance = field.opcode() == Opcode.PUTFIELD || field.opcode() == Opcode.GETFIELD;
        pop((put ? 1 : 0) + (instance ? 1 : 0));
        if (!put) {
          stack.add(words(TypeKind.from(field.typeSymbol())));
        }
      }
      case InvokeInstruction call -> invoke(call);
      case InvokeDynamicInstruction call -> {
        pop(call.typeSymbol().parameterCount());
        push(call.typeSymbol());
      }
      case BranchInstruction branch -> {
        String name = branch.opcode().name();
        pop(name.startsWith("GOTO") ? 0 : name.contains("CMP") ? 2 : 1);
        stacks.putIfAbsent(branch.target(), List.copyOf(stack));
      }
      case OperatorInstruction operator -> {
        String name = operator.opcode().name();
        boolean one = name.endsWith("NEG") || name.equals("ARRAYLENGTH");
        boolean compares = name.contains("CMP");
        pop(one ? 1 : 2);
        stack.add(compares ? WORD : words(operator.typeKind()));
      }
      case ConvertInstruction convert -> {
        pop(1);
        stack.add(words(convert.toType()));
      }
      case ArrayLoadInstruction load -> {
        pop(2);
        stack.add(words(load.typeKind()));
      }
      case ArrayStoreInstruction _ -> pop(3);
      case NewObjectInstruction _ -> stack.add(WORD);
      case NewMultiArrayInstruction array -> {
        pop(array.dimensions());
        stack.add(WORD);
      }
      case TypeCheckInstruction check when check.opcode() == Opcode.INSTANCEOF -> {
        pop(1);
        stack.add(WORD);
      }
      case StackInstruction s -> shuffle(s.opcode());
      case ReturnInstruction _ -> stack.clear();
      case ThrowInstruction _ -> stack.clear();
      default -> {}
    }
  }

  private void invoke(InvokeInstruction call) {
    pop(call.typeSymbol().parameterCount());
    if (call.opcode() != Opcode.INVOKESTATIC) {
      boolean vector = call.owner().asInternalName().matches(VECTOR);
      if (pop(1) >= 0 && vector) {
        found.add(": " + call.name().stringValue());
      }
    }
    push(call.typeSymbol());
  }

  private void shuffle(Opcode opcode) {
    int top = stack.isEmpty() ? WORD : stack.getLast();
    switch (opcode) {
      case POP -> pop(1);
      case POP2 -> pop(top == TWO_WORDS ? 1 : 2);
      case DUP -> stack.add(top);
      case DUP2 -> {
        if (top == TWO_WORDS || stack.size() < 2) {
          stack.add(top);
        } else {
          stack.addAll(List.copyOf(stack.subList(stack.size() - 2, stack.size())));
        }
      }
      default -> throw new IllegalStateException("the scan does not know " + opcode);
    }
  }

  private void push(MethodTypeDesc type) {
    ClassDesc result = type.returnType();
    if (!result.descriptorString().equals("V")) {
      stack.add(words(TypeKind.from(result)));
    }
  }

  /** Takes values away; the last of them. */
  private int pop(int count) {
    int last = WORD;
    for (int i = 0; i < count && !stack.isEmpty(); i++) {
      last = stack.removeLast();
    }
    return last;
  }

  private static int words(TypeKind type) {
    return type.slotSize() == 2 ? TWO_WORDS : WORD;
  }
}
