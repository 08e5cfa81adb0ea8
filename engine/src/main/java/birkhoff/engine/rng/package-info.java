/** Random numbers that are functions of (seed, stream, index): no generator has a state. */
package birkhoff.engine.rng;
