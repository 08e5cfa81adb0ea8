package birkhoff.tests.structure;

import birkhoff.engine.kernel.vector.Lanes;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.VectorSpecies;

/** Finds float vectors of another width than the kernels'. */
final class VectorWidths {
  private static final String SPECIES = VectorSpecies.class.descriptorString();

  private VectorWidths() {}

  /** {@code Class.field: bits} for each static species of floats that is not {@link Lanes#F}. */
  static List<String> others(List<Path> classFiles)
      throws IOException, ReflectiveOperationException {
    var found = new ArrayList<String>();
    for (Path file : classFiles) {
      ClassModel model = ClassFile.of().parse(file);
      for (FieldModel declared : model.fields()) {
        if (!declared.flags().has(AccessFlag.STATIC)
            || !declared.fieldType().equalsString(SPECIES)) {
          continue;
        }
        String name = model.thisClass().asInternalName().replace('/', '.');
        Field field = Class.forName(name).getDeclaredField(declared.fieldName().stringValue());
        field.setAccessible(true);
        var species = (VectorSpecies<?>) field.get(null);
        if (species.elementType() == float.class && !species.equals(Lanes.F)) {
          found.add(name + "." + field.getName() + ": " + species.vectorBitSize());
        }
      }
    }
    return found;
  }
}
