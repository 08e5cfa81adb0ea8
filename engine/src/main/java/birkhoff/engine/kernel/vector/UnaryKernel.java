package birkhoff.engine.kernel.vector;

/** One function of one number and its gradient. */
interface UnaryKernel extends UnaryMap, UnaryVjp {}
