/** Everything that is tested, across all modules. */
package birkhoff.tests;
