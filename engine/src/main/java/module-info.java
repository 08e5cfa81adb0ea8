/** Tensors, kernels and automatic differentiation; depends on nothing but the JDK. */
module birkhoff.engine {
  requires jdk.incubator.vector;
  requires static jdk.jfr;

  exports birkhoff.engine.error;
  exports birkhoff.engine.io;
  exports birkhoff.engine.kernel;
  exports birkhoff.engine.memory;
  exports birkhoff.engine.parallel;
  exports birkhoff.engine.rng;
  exports birkhoff.engine.tensor;

  uses birkhoff.engine.kernel.KernelProvider;

  provides birkhoff.engine.kernel.KernelProvider with
      birkhoff.engine.kernel.scalar.ScalarProvider;
}
