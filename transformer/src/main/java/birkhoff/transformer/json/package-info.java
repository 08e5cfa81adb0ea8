/** Strict reading and plain writing of JSON. */
package birkhoff.transformer.json;
