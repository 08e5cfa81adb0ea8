/** Products of bfloat16 matrices served by oneDNN; the only callers of its generated bindings. */
package birkhoff.ffi.onednn;
