/** Text to token ids and back. */
package birkhoff.transformer.tokenizer;
