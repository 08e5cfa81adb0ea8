/** Benchmarks, rooflines and comparisons with other implementations. */
package birkhoff.perf;
