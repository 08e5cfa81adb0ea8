/** GPT-2 as nanoGPT builds it, on any residual stream. */
package birkhoff.transformer.model;
