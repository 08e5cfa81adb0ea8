/** What can go wrong on purpose; the command line maps each type to an exit code. */
package birkhoff.transformer.error;
