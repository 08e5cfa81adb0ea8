/**
 * The language model under every residual kind: equal texts, seeds and starts, and what the mixers
 * did. Runs are ordinary training runs; everything shown is read from their folders.
 */
package birkhoff.transformer.experiment.residuals;
