package birkhoff.engine.nn;

import birkhoff.engine.Engine;
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
  private final DType weights;
  private final boolean mixed;
  private final long seed;
  private final Map<String, Parameter> byName = new LinkedHashMap<>();

  /** All of one floating type. */
  public Parameters(Engine engine, DType dtype, long seed) {
    this(engine, dtype, dtype, false, seed);
  }

  private Parameters(Engine engine, DType dtype, DType weights, boolean mixed, long seed) {
    this.engine = engine;
    this.dtype = dtype;
    this.weights = weights;
    this.mixed = mixed;
    this.seed = seed;
  }

  /** Float32, and for the matrices of products a bfloat16 shadow, which the products read. */
  public static Parameters mixed(Engine engine, long seed) {
    return new Parameters(engine, DType.FLOAT32, DType.FLOAT32, true, seed);
  }

  /**
   * Float32 for inference.
   *
   * @param weights of the matrices of products: {@code BFLOAT16} halves what is read
   */
  public static Parameters forInference(Engine engine, DType weights, long seed) {
    return new Parameters(engine, DType.FLOAT32, weights, false, seed);
  }

  /** Creates, fills and registers a parameter; refuses a name that is taken. */
  public Parameter create(String name, Initializer init, boolean decay, long... shape) {
    return create(name, init, decay, false, TensorSpec.of(Shape.of(shape), dtype));
  }

  /** Likewise for a matrix that inputs are multiplied with, {@code [out, in]}; it decays. */
  public Parameter createWeight(String name, Initializer init, long out, long in) {
    return create(name, init, true, mixed, TensorSpec.of(Shape.of(out, in), weights));
  }

  private Parameter create(
      String name, Initializer init, boolean decay, boolean shadowed, TensorSpec spec) {
    if (byName.containsKey(name)) {
      throw new IllegalArgumentException("parameter '" + name + "' exists already");
    }
    Tensor tensor = engine.persistent("parameters", spec);
    Tensor shadow =
        shadowed
            ? engine.persistent("bfloat16 weights", TensorSpec.of(spec.shape(), DType.BFLOAT16))
            : null;
    Parameter p = new Parameter(name, tensor, decay, shadow);
    long stream = streamOf(name);
    p.fill(
        engine,
        t ->
            engine
                .team()
                .run(
                    Partition.elements(t.count()),
                    (lo, hi, w) -> init.fill(t, seed, stream, lo, hi)));
    byName.put(name, p);
    return p;
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
  public boolean isMixed() {
    return mixed;
  }
}
