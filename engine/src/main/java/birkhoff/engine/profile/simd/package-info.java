/** Whether the JIT compiles the vector kernels to vector instructions. */
package birkhoff.engine.profile.simd;
