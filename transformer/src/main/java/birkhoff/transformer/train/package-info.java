/** The training loop, evaluation, and what surrounds them. */
package birkhoff.transformer.train;
