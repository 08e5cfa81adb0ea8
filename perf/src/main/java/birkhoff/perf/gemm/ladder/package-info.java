/**
 * A matrix product in steps, from three loops to the engine's, each a class to read and to run. All
 * work on square row-major float32 matrices in native memory, as tensors do.
 */
package birkhoff.perf.gemm.ladder;
