package birkhoff.engine.op;

/** The door for operations defined outside the engine; see {@link KernelPrimitive}. */
public non-sealed interface CustomPrimitive extends KernelPrimitive {}
