/** Checkpoint folders: what training needs to go on as if nothing had happened. */
package birkhoff.transformer.checkpoint;
