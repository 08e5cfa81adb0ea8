/** The Gemm role served by OpenBLAS; the only callers of the generated bindings. */
package birkhoff.ffi.openblas;
