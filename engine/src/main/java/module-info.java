/** Tensors, kernels and automatic differentiation; depends on nothing but the JDK. */
module birkhoff.engine {
  requires jdk.incubator.vector;
  requires static jdk.jfr;
  requires static jdk.management;

  exports birkhoff.engine;
  exports birkhoff.engine.autograd;
  exports birkhoff.engine.error;
  exports birkhoff.engine.io;
  exports birkhoff.engine.kernel;
  exports birkhoff.engine.memory;
  exports birkhoff.engine.nn;
  exports birkhoff.engine.op;
  exports birkhoff.engine.op.elementwise;
  exports birkhoff.engine.op.fused;
  exports birkhoff.engine.op.index;
  exports birkhoff.engine.op.linalg;
  exports birkhoff.engine.op.mixed;
  exports birkhoff.engine.op.mixing;
  exports birkhoff.engine.op.reduce;
  exports birkhoff.engine.op.shape;
  exports birkhoff.engine.optim;
  exports birkhoff.engine.parallel;
  exports birkhoff.engine.primitive;
  exports birkhoff.engine.profile;
  exports birkhoff.engine.profile.simd;
  exports birkhoff.engine.rng;
  exports birkhoff.engine.tensor;

  uses birkhoff.engine.kernel.KernelProvider;

  provides birkhoff.engine.kernel.KernelProvider with
      birkhoff.engine.kernel.scalar.ScalarProvider,
      birkhoff.engine.kernel.vector.VectorProvider;
}
