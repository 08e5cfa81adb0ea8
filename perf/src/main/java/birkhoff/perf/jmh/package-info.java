/**
 * JMH benchmarks. Every kernel takes the provider's name and a size as parameters; scores are
 * microseconds per call over the elements that the size says.
 */
package birkhoff.perf.jmh;
