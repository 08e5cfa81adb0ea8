/** Native kernels: OpenBLAS and oneDNN through the foreign function API. */
module birkhoff.ffi {
  requires transitive birkhoff.engine;

  exports birkhoff.ffi.load;
  exports birkhoff.ffi.onednn;
  exports birkhoff.ffi.openblas;

  provides birkhoff.engine.kernel.KernelProvider with
      birkhoff.ffi.onednn.OneDnnProvider,
      birkhoff.ffi.openblas.OpenBlasProvider;
}
