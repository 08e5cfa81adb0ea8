/** What the machine can do at best, to compare with. */
package birkhoff.engine.profile;
