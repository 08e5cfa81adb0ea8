package birkhoff.engine.kernel.vector;

import birkhoff.engine.kernel.UnaryOp;
import java.util.function.Function;

/**
 * The loops of all unary functions on one type of memory. There should be one in a JVM, so that a
 * second engine finds them compiled.
 */
final class UnaryLoops {
  private final UnaryMap[] maps = new UnaryMap[UnaryOp.values().length];
  private final UnaryVjp[] vjps = new UnaryVjp[maps.length];

  /**
   * @param template of the loops of functions that have none of their own
   * @param map a function's own loop, or null
   * @param vjp its derivative's own loop, or null
   */
  UnaryLoops(
      Class<? extends UnaryKernel> template,
      Function<UnaryOp, UnaryMap> map,
      Function<UnaryOp, UnaryVjp> vjp) {
    for (UnaryOp op : UnaryOp.values()) {
      UnaryMap m = map.apply(op);
      UnaryVjp v = vjp.apply(op);
      if (m == null || v == null) {
        UnaryKernel copy = Specialized.copy(template, UnaryFunctions.of(op), UnaryKernel.class);
        m = m == null ? copy : m;
        v = v == null ? copy : v;
      }
      maps[op.ordinal()] = m;
      vjps[op.ordinal()] = v;
    }
  }

  UnaryMap map(UnaryOp op) {
    return maps[op.ordinal()];
  }

  UnaryVjp vjp(UnaryOp op) {
    return vjps[op.ordinal()];
  }
}
