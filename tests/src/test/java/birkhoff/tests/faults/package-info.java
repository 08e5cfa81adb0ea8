/** Campaign 10: file operations that fail, one after the other. */
package birkhoff.tests.faults;
