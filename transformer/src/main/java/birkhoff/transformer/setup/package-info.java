/** From configuration to engine and model. */
package birkhoff.transformer.setup;
