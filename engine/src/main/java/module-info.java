/** Tensors, kernels and automatic differentiation; depends on nothing but the JDK. */
module birkhoff.engine {
  requires jdk.incubator.vector;
  requires static jdk.jfr;
}
