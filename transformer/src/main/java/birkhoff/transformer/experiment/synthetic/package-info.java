/** The paper's stream-mixing task: data, runs side by side, and the report. */
package birkhoff.transformer.experiment.synthetic;
