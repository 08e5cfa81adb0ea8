package birkhoff.engine.nn;

import birkhoff.engine.Engine;
import birkhoff.engine.error.DTypeException;
import birkhoff.engine.parallel.Partition;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parameters of one model, in order of creation. Each draws its starting values from a random
 * stream numbered by its name, so adding a parameter does not change the others.
 */
public final class Parameters {
  private final Engine engine;
  private final DType dtype;
  private final long seed;
  private final boolean bfloat16;
  private final Map<String, Parameter> byName = new LinkedHashMap<>();

  public Parameters(Engine engine, DType dtype, long seed) {
    this(engine, dtype, seed, false);
  }

  /**
   * @param bfloat16 mixed precision: {@link #createForProducts} makes a bfloat16 shadow too, for
   *     which {@code dtype} must be FLOAT32
   */
  public Parameters(Engine engine, DType dtype, long seed, boolean bfloat16) {
    if (bfloat16 && dtype != DType.FLOAT32) {
      throw new DTypeException("parameters: bfloat16 shadows are of float32, not of " + dtype);
    }
    this.engine = engine;
    this.bfloat16 = bfloat16;
    this.dtype = dtype;
    this.seed = seed;
  }

  /** Creates, fills and registers a parameter; refuses a name that is taken. */
  public Parameter create(String name, Initializer init, boolean decay, long... shape) {
    return create(name, init, decay, false, shape);
  }

  /** {@link #create} for a matrix that products read: in mixed precision it has a shadow. */
  public Parameter createForProducts(String name, Initializer init, boolean decay, long... shape) {
    return create(name, init, decay, bfloat16, shape);
  }

  private Parameter create(
      String name, Initializer init, boolean decay, boolean shadowed, long... shape) {
    if (byName.containsKey(name)) {
      throw new IllegalArgumentException("parameter '" + name + "' exists already");
    }
    Tensor t = engine.persistent("parameters", TensorSpec.of(Shape.of(shape), dtype));
    long stream = streamOf(name);
    engine
        .team()
        .run(Partition.elements(t.count()), (lo, hi, w) -> init.fill(t, seed, stream, lo, hi));
    Tensor shadow =
        shadowed
            ? engine.persistent("bfloat16 weights", TensorSpec.of(t.shape(), DType.BFLOAT16))
            : null;
    Parameter p = new Parameter(name, t, decay, shadow);
    byName.put(name, p);
    refresh(p);
    return p;
  }

  /** Rounds all shadows anew; needed whenever anything but the optimizer changed parameters. */
  public void refreshShadows() {
    byName.values().forEach(this::refresh);
  }

  private void refresh(Parameter p) {
    if (p.shadow() != null) {
      var k = engine.kernels().mixedElementwise();
      var from = p.tensor().data();
      var to = p.shadow().data();
      engine
          .team()
          .run(
              Partition.elements(p.tensor().count()),
              (lo, hi, w) -> k.narrow(from, lo, to, lo, hi - lo));
    }
  }

  /** 64-bit FNV-1a of the name. */
  private static long streamOf(String name) {
    long h = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xff)) * 0x100000001b3L;
    }
    return h;
  }

  public Collection<Parameter> all() {
    return java.util.Collections.unmodifiableCollection(byName.values());
  }

  /** The parameter of a name; refuses an unknown one. */
  public Parameter get(String name) {
    Parameter p = byName.get(name);
    if (p == null) {
      throw new IllegalArgumentException(
          "no parameter '" + name + "'; known are " + byName.keySet());
    }
    return p;
  }

  /** Number of trainable numbers. */
  public long count() {
    return byName.values().stream().mapToLong(p -> p.tensor().count()).sum();
  }

  public Engine engine() {
    return engine;
  }

  public DType dtype() {
    return dtype;
  }

  /** Whether products read bfloat16 shadows. */
  public boolean isBfloat16() {
    return bfloat16;
  }
}
