/** What HTML pages are made of: the page, line charts as SVG, and numbers as text. */
package birkhoff.transformer.report;
