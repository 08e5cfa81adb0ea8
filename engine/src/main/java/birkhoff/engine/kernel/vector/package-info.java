/** The float32 kernels, with the Vector API. */
package birkhoff.engine.kernel.vector;
