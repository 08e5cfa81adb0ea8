package birkhoff.ffi.onednn;

import birkhoff.engine.tensor.DType;
import birkhoff.ffi.onednn.gen.dnnl_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * One matrix product of fixed geometry, compiled by the library. Thread-safe: each thread has
 * memory handles of its own. Freed when nobody uses it any more.
 */
final class Matmul {
  /**
   * What the library compiles for; leading dimensions are in elements.
   *
   * @param accumulate add to the result
   * @param bias whether there is a row of biases
   */
  record Geometry(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      long lda,
      long ldb,
      long ldc,
      boolean accumulate,
      boolean bias,
      DType result) {}

  private static final int RANK = 2;
  private static final long ARGUMENT_BYTES = 16;
  private static final long HANDLE_OFFSET = 8;

  private final OneDnn library;
  // Memory handles read descriptors and the primitive as long as they live.
  private final MemorySegment description;
  private final MemorySegment primitive;
  private final MemorySegment[] layouts;
  private final int[] arguments;
  private final long scratchBytes;
  private final ThreadLocal<Call> calls = ThreadLocal.withInitial(Call::new);

  Matmul(OneDnn library, Geometry g) {
    this.library = library;
    library.limitThreads();
    int type = g.result == DType.FLOAT32 ? dnnl_h.dnnl_f32() : dnnl_h.dnnl_bf16();
    MemorySegment a =
        layout(g.m, g.k, dnnl_h.dnnl_bf16(), g.transA ? 1 : g.lda, g.transA ? g.lda : 1);
    MemorySegment b =
        layout(g.k, g.n, dnnl_h.dnnl_bf16(), g.transB ? 1 : g.ldb, g.transB ? g.ldb : 1);
    MemorySegment c = layout(g.m, g.n, type, g.ldc, 1);
    MemorySegment bias = g.bias ? layout(1, g.n, dnnl_h.dnnl_f32(), g.n, 1) : null;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment holder = arena.allocate(ValueLayout.ADDRESS);
      OneDnn.check(dnnl_h.dnnl_primitive_attr_create(holder), "dnnl_primitive_attr_create");
      MemorySegment attributes = OneDnn.owned(holder, dnnl_h::dnnl_primitive_attr_destroy);
      OneDnn.check(
          dnnl_h.dnnl_primitive_attr_set_scratchpad_mode(
              attributes, dnnl_h.dnnl_scratchpad_mode_user()),
          "dnnl_primitive_attr_set_scratchpad_mode");
      if (g.accumulate) {
        library.controls().addToResult(attributes, holder);
      }
      OneDnn.check(
          dnnl_h.dnnl_matmul_primitive_desc_create(
              holder,
              library.engine(),
              a,
              b,
              bias == null ? MemorySegment.NULL : bias,
              c,
              attributes),
          "dnnl_matmul_primitive_desc_create");
      description = OneDnn.owned(holder, dnnl_h::dnnl_primitive_desc_destroy);
      OneDnn.check(dnnl_h.dnnl_primitive_create(holder, description), "dnnl_primitive_create");
      primitive = OneDnn.owned(holder, dnnl_h::dnnl_primitive_destroy);
    }
    MemorySegment scratch =
        dnnl_h.dnnl_primitive_desc_query_md(description, dnnl_h.dnnl_query_scratchpad_md(), 0);
    scratchBytes = dnnl_h.dnnl_memory_desc_get_size(scratch);
    layouts =
        bias == null
            ? new MemorySegment[] {a, b, c, scratch}
            : new MemorySegment[] {a, b, c, scratch, bias};
    arguments =
        new int[] {
          dnnl_h.DNNL_ARG_SRC(),
          dnnl_h.DNNL_ARG_WEIGHTS(),
          dnnl_h.DNNL_ARG_DST(),
          dnnl_h.DNNL_ARG_SCRATCHPAD(),
          dnnl_h.DNNL_ARG_BIAS()
        };
  }

  private static MemorySegment layout(long rows, long cols, int type, long row, long col) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment holder = arena.allocate(ValueLayout.ADDRESS);
      OneDnn.check(
          dnnl_h.dnnl_memory_desc_create_with_strides(
              holder,
              RANK,
              arena.allocateFrom(ValueLayout.JAVA_LONG, rows, cols),
              type,
              arena.allocateFrom(ValueLayout.JAVA_LONG, row, col)),
          "dnnl_memory_desc_create_with_strides");
      return OneDnn.owned(holder, dnnl_h::dnnl_memory_desc_destroy);
    }
  }

  /** Bytes of scratch memory that {@link #run} needs. */
  long scratchBytes() {
    return scratchBytes;
  }

  /**
   * Computes with memory that was checked before; {@code bias} is not used without one.
   *
   * @param scratch 64-byte aligned
   */
  void run(
      MemorySegment a,
      MemorySegment b,
      MemorySegment c,
      MemorySegment scratch,
      MemorySegment bias) {
    library.limitThreads();
    Call call = calls.get();
    try {
      call.run(a, b, c, scratch, bias);
    } finally {
      // The list holds bare addresses: their owners must outlive the call.
      Reference.reachabilityFence(call);
    }
  }

  /** The memory handles and the argument list of one thread. */
  private final class Call {
    private final MemorySegment list;
    private final MemorySegment stream;
    private final List<MemorySegment> handles = new ArrayList<>();

    Call() {
      list = Arena.ofAuto().allocate(layouts.length * ARGUMENT_BYTES, ARGUMENT_BYTES);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment holder = arena.allocate(ValueLayout.ADDRESS);
        OneDnn.check(
            dnnl_h.dnnl_stream_create(holder, library.engine(), dnnl_h.dnnl_stream_default_flags()),
            "dnnl_stream_create");
        stream = OneDnn.owned(holder, dnnl_h::dnnl_stream_destroy);
        for (int i = 0; i < layouts.length; i++) {
          OneDnn.check(
              dnnl_h.dnnl_memory_create(holder, layouts[i], library.engine(), MemorySegment.NULL),
              "dnnl_memory_create");
          MemorySegment handle = OneDnn.owned(holder, dnnl_h::dnnl_memory_destroy);
          handles.add(handle);
          list.set(ValueLayout.JAVA_INT, i * ARGUMENT_BYTES, arguments[i]);
          list.set(ValueLayout.ADDRESS, i * ARGUMENT_BYTES + HANDLE_OFFSET, handle);
        }
      }
    }

    void run(
        MemorySegment a,
        MemorySegment b,
        MemorySegment c,
        MemorySegment scratch,
        MemorySegment bias) {
      set(0, a);
      set(1, b);
      set(2, c);
      set(3, scratch);
      if (layouts.length > 4) {
        set(4, bias);
      }
      OneDnn.check(
          dnnl_h.dnnl_primitive_execute(primitive, stream, layouts.length, list),
          "dnnl_primitive_execute");
      OneDnn.check(dnnl_h.dnnl_stream_wait(stream), "dnnl_stream_wait");
    }

    private void set(int argument, MemorySegment memory) {
      OneDnn.check(
          dnnl_h.dnnl_memory_set_data_handle(handles.get(argument), memory),
          "dnnl_memory_set_data_handle");
    }
  }
}
