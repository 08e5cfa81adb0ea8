/** Native kernels: OpenBLAS through the foreign function API. */
module birkhoff.ffi {
  requires birkhoff.engine;
}
