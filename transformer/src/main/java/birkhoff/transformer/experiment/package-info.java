/** The paper's experiments: what they compute, and their reports. */
package birkhoff.transformer.experiment;
