/** The command line: one class per command, and the exit codes. */
package birkhoff.transformer.cli;
