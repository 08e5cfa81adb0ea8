package birkhoff.engine.autograd;

import birkhoff.engine.autograd.Tape.Node;
import birkhoff.engine.memory.Lifetime;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.KernelPrimitive;
import birkhoff.engine.primitive.Operands;
import birkhoff.engine.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Results that were given up in the forward pass although the backward pass reads them. They are
 * worked out again for their first reader and released after the last one.
 */
final class Forgotten {
  private final Execution execution;
  private final Map<Lifetime, Entry> entries = new IdentityHashMap<>();

  private static final class Entry {
    final Node producer;
    final int output;
    int readers;
    Tensor again;
    Node lastReader;

    Entry(Node producer, int output, int readers) {
      this.producer = producer;
      this.output = output;
      this.readers = readers;
    }
  }

  Forgotten(Execution execution) {
    this.execution = execution;
  }

  boolean contains(Tensor t) {
    return entries.containsKey(t.lifetime());
  }

  /**
   * @param producer whose primitive restores {@code output}
   * @param readers nodes whose vjp reads it, the producer among them if it does
   */
  void add(Node producer, int output, int readers) {
    entries.put(producer.operands().out(output).lifetime(), new Entry(producer, output, readers));
  }

  /** The operands of a node with all those in place that its vjp reads. */
  Operands readable(Node n) {
    if (entries.isEmpty()) {
      return n.operands();
    }
    Tensor[] in = n.operands().in().clone();
    for (int i = 0; i < in.length; i++) {
      if (n.primitive().readsInput(i)) {
        in[i] = readable(in[i]);
      }
    }
    Tensor[] out = n.operands().out().clone();
    for (int i = 0; i < out.length; i++) {
      if (n.primitive().readsOutput(i)) {
        out[i] = readable(out[i]);
      }
    }
    return new Operands(in, out, n.operands().saved());
  }

  private Tensor readable(Tensor t) {
    Entry e = entries.get(t.lifetime());
    return e == null ? t : t.in(again(e));
  }

  private Tensor again(Entry e) {
    if (e.again == null) {
      Operands o = e.producer.operands();
      e.again = execution.allocate(o.out(e.output).spec());
      Operands operands = readable(e.producer);
      operands.out()[e.output] = e.again;
      var primitive = (KernelPrimitive) e.producer.primitive();
      execution.observed(
          primitive, operands, false, () -> primitive.restore(execution, operands, e.output));
    }
    return e.again;
  }

  /** The node's vjp has read an input for the last time. */
  void done(Node n, int input) {
    Lifetime memory = n.operands().in(input).lifetime();
    int places = 0;
    for (Tensor t : n.operands().in()) {
      places += t.lifetime().equals(memory) ? 1 : 0;
    }
    if (places == 1) {
      leave(n, n.operands().in(input));
    }
  }

  /** The node's vjp has run, or nothing flowed into it. */
  void passed(Node n) {
    for (int i = 0; i < n.operands().in().length; i++) {
      if (n.primitive().readsInput(i)) {
        leave(n, n.operands().in(i));
      }
    }
    for (int i = 0; i < n.operands().out().length; i++) {
      if (n.primitive().readsOutput(i)) {
        leave(n, n.operands().out(i));
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // nodes are places on the tape
  private void leave(Node n, Tensor t) {
    Entry e = entries.get(t.lifetime());
    if (e != null && e.lastReader != n) {
      e.lastReader = n;
      e.readers--;
      if (e.readers == 0 && e.again != null) {
        Execution.release(e.again);
        e.again = null;
      }
    }
  }
}
