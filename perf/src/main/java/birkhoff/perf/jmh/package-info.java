/**
 * JMH benchmarks, one class for each kernel role. Every kernel takes the provider's name, the
 * vector width and a shape as parameters; scores are microseconds per call. {@link
 * birkhoff.perf.jmh.Benchmarks} runs them.
 */
package birkhoff.perf.jmh;
