/** What a run reports: records, the files it writes, the console and the HTML report. */
package birkhoff.transformer.metrics;
