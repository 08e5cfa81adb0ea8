/** Text from a model. */
package birkhoff.transformer.sample;
