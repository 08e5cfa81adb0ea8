/** Compares the providers of matrix products. */
package birkhoff.perf.gemm;
