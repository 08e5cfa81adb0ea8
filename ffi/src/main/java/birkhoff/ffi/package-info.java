/** Native kernels behind the engine's kernel SPI. */
package birkhoff.ffi;
