/**
 * Operations of mixed precision: values that products read are bfloat16, and so are their
 * gradients; arithmetic, parameters and everything else is float32.
 */
package birkhoff.engine.op.mixed;
