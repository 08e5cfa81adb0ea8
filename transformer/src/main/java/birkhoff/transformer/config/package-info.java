/** The configuration keys, where their values come from, and the presets. */
package birkhoff.transformer.config;
