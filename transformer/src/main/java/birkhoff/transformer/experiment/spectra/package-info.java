/**
 * Which eigenvalues a family of mixers attains: the spectral-reach experiment of arXiv 2604.02309.
 * Small dense matrices in double precision, apart from the engine's kernels.
 */
package birkhoff.transformer.experiment.spectra;
