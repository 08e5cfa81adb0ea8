package birkhoff.ffi.onednn;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * The functions of one opened oneDNN that say whether it fits, and those that the generated
 * bindings have not. The bindings bind for good, so they must not be touched before a library is
 * accepted.
 */
final class OneDnnControls {
  static final List<String> REQUIRED =
      List.of(
          "dnnl_version",
          "dnnl_get_effective_cpu_isa",
          "dnnl_engine_create",
          "dnnl_stream_create",
          "dnnl_memory_desc_create_with_strides",
          "dnnl_matmul_primitive_desc_create",
          "dnnl_primitive_desc_query_md",
          "dnnl_primitive_create",
          "dnnl_primitive_execute",
          "dnnl_post_ops_create",
          "dnnl_post_ops_append_sum",
          "dnnl_post_ops_destroy",
          "dnnl_primitive_attr_set_post_ops");

  private static final int MAJOR = 3;
  private static final int SEQUENTIAL = 1;
  private static final int OPENMP = 2;

  /** {@code dnnl_cpu_isa_avx512_core_bf16}: every larger instruction set has its bits. */
  private static final int AVX512_BF16 = 0xe7;

  private static final String SET_THREADS = "omp_set_num_threads";
  private static final long VERSION_BYTES = 32;
  private static final long RUNTIME_OFFSET = 24;

  private final SymbolLookup symbols;

  OneDnnControls(SymbolLookup symbols) {
    this.symbols = symbols;
  }

  /** Why the library cannot serve here, or nothing. */
  Optional<String> unsuitable() {
    if (version().get(ValueLayout.JAVA_INT, 0) != MAJOR) {
      return Optional.of("it is version " + versionText() + ", " + MAJOR + " is needed");
    }
    int runtime = runtime();
    if (runtime != SEQUENTIAL && runtime != OPENMP) {
      return Optional.of(
          "its threads (runtime "
              + runtime
              + ") cannot be limited to one per call; take a build"
              + " for OpenMP");
    }
    if (runtime == OPENMP && symbols.find(SET_THREADS).isEmpty()) {
      return Optional.of("its OpenMP has no " + SET_THREADS);
    }
    int isa = isa();
    if ((isa & AVX512_BF16) != AVX512_BF16) {
      return Optional.of(
          "this processor has no AVX512_BF16 (instruction set 0x"
              + Integer.toHexString(isa)
              + "), it would only emulate bfloat16");
    }
    return Optional.empty();
  }

  String versionText() {
    MemorySegment v = version();
    return v.get(ValueLayout.JAVA_INT, 0)
        + "."
        + v.get(ValueLayout.JAVA_INT, 4)
        + "."
        + v.get(ValueLayout.JAVA_INT, 8);
  }

  /** Limits the calls of the calling thread to itself; empty where there are no other threads. */
  Optional<MethodHandle> threadLimit() {
    return runtime() == OPENMP
        ? Optional.of(handle(SET_THREADS, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)))
        : Optional.empty();
  }

  /**
   * Makes an attribute's products add to what the result holds: {@code C += A·B}.
   *
   * @param holder memory for one address
   */
  void addToResult(MemorySegment attributes, MemorySegment holder) {
    var address = ValueLayout.ADDRESS;
    try {
      OneDnn.check(
          (int)
              handle("dnnl_post_ops_create", FunctionDescriptor.of(ValueLayout.JAVA_INT, address))
                  .invokeExact(holder),
          "dnnl_post_ops_create");
      MemorySegment ops = holder.get(address, 0);
      OneDnn.check(
          (int)
              handle(
                      "dnnl_post_ops_append_sum",
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT,
                          address,
                          ValueLayout.JAVA_FLOAT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT))
                  .invokeExact(ops, 1f, 0, 0),
          "dnnl_post_ops_append_sum");
      OneDnn.check(
          (int)
              handle(
                      "dnnl_primitive_attr_set_post_ops",
                      FunctionDescriptor.of(ValueLayout.JAVA_INT, address, address))
                  .invokeExact(attributes, ops),
          "dnnl_primitive_attr_set_post_ops");
      OneDnn.check(
          (int)
              handle("dnnl_post_ops_destroy", FunctionDescriptor.of(ValueLayout.JAVA_INT, address))
                  .invokeExact(ops),
          "dnnl_post_ops_destroy");
    } catch (Throwable t) {
      throw failed("dnnl_post_ops", t);
    }
  }

  private int runtime() {
    return version().get(ValueLayout.JAVA_INT, RUNTIME_OFFSET);
  }

  private int isa() {
    try {
      return (int)
          handle("dnnl_get_effective_cpu_isa", FunctionDescriptor.of(ValueLayout.JAVA_INT))
              .invokeExact();
    } catch (Throwable t) {
      throw failed("dnnl_get_effective_cpu_isa", t);
    }
  }

  /** major, minor, patch, (padding), hash, CPU runtime. */
  private MemorySegment version() {
    try {
      MethodHandle handle = handle("dnnl_version", FunctionDescriptor.of(ValueLayout.ADDRESS));
      return ((MemorySegment) handle.invokeExact()).reinterpret(VERSION_BYTES);
    } catch (Throwable t) {
      throw failed("dnnl_version", t);
    }
  }

  private MethodHandle handle(String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type);
  }

  static RuntimeException failed(String name, Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(name + " failed", t);
  }
}
