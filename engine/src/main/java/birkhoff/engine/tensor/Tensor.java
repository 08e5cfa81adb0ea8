package birkhoff.engine.tensor;

import birkhoff.engine.error.DTypeException;
import birkhoff.engine.error.ShapeException;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.memory.Lifetime;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An immutable handle on native memory: storage, layout and element type. Views share storage and
 * never copy. The handle is thread-safe; the elements are as safe as the memory they are.
 */
public final class Tensor {
  private final MemorySegment storage;
  private final Lifetime lifetime;
  private final DType dtype;
  private final Layout layout;
  private final MemorySegment data;

  private Tensor(MemorySegment storage, Lifetime lifetime, DType dtype, Layout layout) {
    this.storage = storage;
    this.lifetime = lifetime;
    this.dtype = dtype;
    this.layout = layout;
    this.data = storage.asSlice(layout.offset() * dtype.bytes(), layout.extent() * dtype.bytes());
  }

  /**
   * A contiguous tensor at the start of {@code storage}.
   *
   * @throws ShapeException when the storage is shorter than the tensor
   */
  public static Tensor of(MemorySegment storage, Lifetime lifetime, TensorSpec spec) {
    if (storage.byteSize() < spec.bytes()) {
      throw new ShapeException(spec + " does not fit in " + storage.byteSize() + " bytes");
    }
    return new Tensor(storage, lifetime, spec.dtype(), Layout.contiguous(spec.shape()));
  }

  public Shape shape() {
    return layout.shape();
  }

  public long size(int axis) {
    return layout.shape().size(axis);
  }

  public long count() {
    return layout.shape().count();
  }

  public DType dtype() {
    return dtype;
  }

  public Layout layout() {
    return layout;
  }

  public TensorSpec spec() {
    return TensorSpec.of(shape(), dtype);
  }

  /** Whether the memory is still valid, and why not; one object per allocation. */
  public Lifetime lifetime() {
    return lifetime;
  }

  public boolean isContiguous() {
    return layout.isContiguous();
  }

  /**
   * The memory from the first to the last element of this view, for kernels.
   *
   * @throws StaleTensorException when the memory is no longer valid
   */
  public MemorySegment data() {
    requireLive("data");
    return data;
  }

  /** Refuses, in the name of {@code op}, a tensor whose memory is gone. */
  public void requireLive(String op) {
    String reason = lifetime.invalidReason();
    if (reason != null) {
      throw new StaleTensorException(op + ": tensor " + spec() + " cannot be used: " + reason);
    }
  }

  /** Tells whether the two tensors are views of one allocation. */
  @SuppressWarnings("ReferenceEquality") // one object per allocation is the point
  public boolean sharesStorage(Tensor other) {
    return lifetime == other.lifetime;
  }

  // ---- views

  public Tensor transpose(int a, int b) {
    return view(layout.transpose(a, b));
  }

  /** The transpose of the last two dimensions. */
  public Tensor t() {
    return transpose(-2, -1);
  }

  public Tensor slice(int axis, long from, long to) {
    return view(layout.slice(axis, from, to));
  }

  public Tensor reshape(long... sizes) {
    return view(layout.reshape(Shape.of(sizes)));
  }

  public Tensor reshape(Shape shape) {
    return view(layout.reshape(shape));
  }

  public Tensor broadcastTo(Shape shape) {
    return view(layout.broadcastTo(shape));
  }

  /** The same view of another allocation, which must reach as far. */
  public Tensor in(Tensor allocation) {
    return new Tensor(allocation.storage, allocation.lifetime, dtype, layout);
  }

  private Tensor view(Layout l) {
    return new Tensor(storage, lifetime, dtype, l);
  }

  // ---- elements, for tests, printing and small inputs

  /** One element, the narrower types widened exactly. */
  public double get(long... index) {
    return at(layout.position(index));
  }

  public void set(double value, long... index) {
    requireLive("set");
    put(layout.position(index), value);
  }

  /** The only element of a tensor with one element. */
  public double item() {
    if (count() != 1) {
      throw new ShapeException("item: shape " + shape() + " has " + count() + " elements, not 1");
    }
    return at(layout.offset());
  }

  private double at(long position) {
    requireLive("get");
    return switch (dtype) {
      case FLOAT32 -> storage.getAtIndex(ValueLayout.JAVA_FLOAT, position);
      case FLOAT64 -> storage.getAtIndex(ValueLayout.JAVA_DOUBLE, position);
      case INT32 -> storage.getAtIndex(ValueLayout.JAVA_INT, position);
      case BFLOAT16 -> DType.fromBfloat16(storage.getAtIndex(ValueLayout.JAVA_SHORT, position));
    };
  }

  private void put(long position, double value) {
    switch (dtype) {
      case FLOAT32 -> storage.setAtIndex(ValueLayout.JAVA_FLOAT, position, (float) value);
      case FLOAT64 -> storage.setAtIndex(ValueLayout.JAVA_DOUBLE, position, value);
      case INT32 -> storage.setAtIndex(ValueLayout.JAVA_INT, position, (int) value);
      case BFLOAT16 ->
          storage.setAtIndex(ValueLayout.JAVA_SHORT, position, DType.toBfloat16((float) value));
    }
  }

  /** A row-major copy of the elements. */
  public double[] toDoubleArray() {
    double[] out = new double[Math.toIntExact(count())];
    var it = new Positions(layout);
    for (int i = 0; i < out.length; i++) {
      out[i] = at(it.next());
    }
    return out;
  }

  /** A row-major copy of the elements, float64 rounded to float32. */
  public float[] toFloatArray() {
    float[] out = new float[Math.toIntExact(count())];
    var it = new Positions(layout);
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) at(it.next());
    }
    return out;
  }

  /** Overwrites the elements, row-major; the length must be {@link #count()}. */
  public Tensor copyFrom(double... values) {
    requireLength(values.length);
    var it = new Positions(layout);
    for (double v : values) {
      put(it.next(), v);
    }
    return this;
  }

  /** Overwrites the elements, row-major; the length must be {@link #count()}. */
  public Tensor copyFrom(float[] values) {
    requireLength(values.length);
    if (dtype == DType.FLOAT32 && isContiguous()) {
      MemorySegment.copy(values, 0, data(), ValueLayout.JAVA_FLOAT, 0, values.length);
      return this;
    }
    var it = new Positions(layout);
    for (float v : values) {
      put(it.next(), v);
    }
    return this;
  }

  /** Overwrites the elements of an INT32 tensor, row-major. */
  public Tensor copyFrom(int[] values) {
    requireLength(values.length);
    if (dtype != DType.INT32) {
      throw new DTypeException("copyFrom(int[]): tensor is " + spec() + ", int32 is needed");
    }
    if (isContiguous()) {
      MemorySegment.copy(values, 0, data(), ValueLayout.JAVA_INT, 0, values.length);
      return this;
    }
    var it = new Positions(layout);
    for (int v : values) {
      put(it.next(), v);
    }
    return this;
  }

  private void requireLength(long length) {
    requireLive("copyFrom");
    if (length != count()) {
      throw new ShapeException("copyFrom: " + length + " values for shape " + shape());
    }
  }

  @Override
  public String toString() {
    return TensorPrinter.print(this);
  }
}
