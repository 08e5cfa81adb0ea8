/** How a sublayer's input is read from the residual state and its output written back. */
package birkhoff.transformer.residual;
