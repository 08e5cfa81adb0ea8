/** Texts, token files, and which windows of them a step sees. */
package birkhoff.transformer.data;
