/** What the mixers of a model are like while they work. */
package birkhoff.transformer.diagnostics;
