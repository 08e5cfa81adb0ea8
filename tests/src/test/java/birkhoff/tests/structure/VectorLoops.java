package birkhoff.tests.structure;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Finds vectors whose class C2 cannot know while it still takes in calls. */
final class VectorLoops {
  private static final String VECTOR = "Ljdk/incubator/vector/";

  private VectorLoops() {}

  /**
   * {@code Class.method} for each method with a variable that an inner loop sets to a vector and
   * that keeps its value from one turn of the outer loop to the next.
   */
  static List<String> carriedByNests(List<Path> classFiles) throws IOException {
    var found = new ArrayList<String>();
    for (Path file : classFiles) {
      ClassModel model = ClassFile.of().parse(file);
      for (MethodModel method : model.methods()) {
        if (method.code().isPresent() && carriedByNest(method.code().get().elementList())) {
          found.add(
              model.thisClass().asInternalName().replace('/', '.')
                  + "."
                  + method.methodName().stringValue());
        }
      }
    }
    return found;
  }

  private static boolean carriedByNest(List<CodeElement> code) {
    TreeMap<Integer, Integer> loops = loops(code);
    for (Map.Entry<Integer, Integer> outer : loops.entrySet()) {
      // A loop that starts within another one also ends there.
      var inner = loops.subMap(outer.getKey(), false, outer.getValue(), true);
      if (!inner.isEmpty() && carries(code, outer.getKey(), outer.getValue(), inner)) {
        return true;
      }
    }
    return false;
  }

  /** The first and the last place of each loop. */
  static TreeMap<Integer, Integer> loops(List<CodeElement> code) {
    var places = new HashMap<Label, Integer>();
    var loops = new TreeMap<Integer, Integer>();
    for (int i = 0; i < code.size(); i++) {
      if (code.get(i) instanceof LabelTarget label) {
        places.put(label.label(), i);
      } else if (code.get(i) instanceof BranchInstruction branch
          && places.containsKey(branch.target())) {
        loops.merge(places.get(branch.target()), i, Math::max);
      }
    }
    return loops;
  }

  /** Whether a variable that the outer loop carries becomes a vector inside. */
  private static boolean carries(
      List<CodeElement> code, int from, int to, Map<Integer, Integer> inner) {
    return inner.entrySet().stream()
        .anyMatch(l -> !carried(code, from, to, l.getKey(), l.getValue()).isEmpty());
  }

  /** Slots of vectors that keep their value from one turn of a loop to the next. */
  static Set<Integer> carried(List<CodeElement> code, int from, int to) {
    return carried(code, from, to, from, to);
  }

  /** Slots that the loop reads before it sets them, to a vector within {@code [first, last]}. */
  private static Set<Integer> carried(
      List<CodeElement> code, int from, int to, int first, int last) {
    Set<Integer> set = new HashSet<>();
    Set<Integer> readFirst = new HashSet<>();
    Set<Integer> carried = new HashSet<>();
    String result = "";
    for (int i = from; i <= to; i++) {
      switch (code.get(i)) {
        case LoadInstruction load when load.typeKind() == TypeKind.REFERENCE -> {
          if (!set.contains(load.slot())) {
            readFirst.add(load.slot());
          }
          result = "";
        }
        case StoreInstruction store when store.typeKind() == TypeKind.REFERENCE -> {
          set.add(store.slot());
          boolean vector = first <= i && i <= last && result.startsWith(VECTOR);
          if (vector && readFirst.contains(store.slot())) {
            carried.add(store.slot());
          }
          result = "";
        }
        case InvokeInstruction call -> result = call.typeSymbol().returnType().descriptorString();
        case TypeCheckInstruction cast -> result = cast.type().asSymbol().descriptorString();
        case Instruction other -> result = "";
        default -> {}
      }
    }
    return carried;
  }
}
