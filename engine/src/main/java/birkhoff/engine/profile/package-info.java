/** What operations cost and what the machine can do at best, for any program on the engine. */
package birkhoff.engine.profile;
