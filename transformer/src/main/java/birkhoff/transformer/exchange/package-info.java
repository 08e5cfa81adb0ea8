/** Models of other programs: read to start from, written to be taken elsewhere. */
package birkhoff.transformer.exchange;
