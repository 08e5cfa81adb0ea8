/** Finds, verifies and loads native libraries, and reports every attempt. */
package birkhoff.ffi.load;
