/** Tensors, kernels and automatic differentiation for CPUs. */
package birkhoff.engine;
