package birkhoff.engine;

import birkhoff.engine.autograd.Tape;
import birkhoff.engine.error.BirkhoffException;
import birkhoff.engine.error.StaleTensorException;
import birkhoff.engine.kernel.KernelTable;
import birkhoff.engine.memory.Lifetime;
import birkhoff.engine.memory.MemoryLedger;
import birkhoff.engine.memory.NativeBlock;
import birkhoff.engine.memory.Segments;
import birkhoff.engine.memory.Workspace;
import birkhoff.engine.op.Ops;
import birkhoff.engine.parallel.ThreadTeam;
import birkhoff.engine.primitive.Execution;
import birkhoff.engine.primitive.Observers;
import birkhoff.engine.tensor.DType;
import birkhoff.engine.tensor.Shape;
import birkhoff.engine.tensor.Tensor;
import birkhoff.engine.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Threads, memory and kernels together: the start of every program. Engines are independent of one
 * another; several may live in one JVM. Closing one frees everything that it handed out.
 *
 * <p>An engine may be used from several threads as long as each has its own workspace; their
 * parallel sections take turns.
 */
public final class Engine implements AutoCloseable {
  private final EngineConfig config;
  private final MemoryLedger ledger;
  private final KernelTable kernels;
  private final ThreadTeam team;
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final Observers observers = new Observers();
  private volatile boolean closed;

  private Engine(EngineConfig config) {
    this.config = config;
    this.ledger = new MemoryLedger(config.memoryLimit());
    this.kernels = KernelTable.resolve(config.kernels(), config.options());
    this.team = new ThreadTeam(config.threads(), ledger);
  }

  /** An engine with all processors and the best kernels. */
  public static Engine create() {
    return create(EngineConfig.defaults());
  }

  /**
   * @throws birkhoff.engine.error.ProviderUnavailableException when the wanted kernels cannot serve
   */
  public static Engine create(EngineConfig config) {
    return new Engine(config);
  }

  public EngineConfig config() {
    return config;
  }

  public KernelTable kernels() {
    return kernels;
  }

  public ThreadTeam team() {
    return team;
  }

  public MemoryLedger ledger() {
    return ledger;
  }

  /** A workspace for one step's tensors, closed with the engine at the latest. */
  public Workspace workspace(String name) {
    return own(() -> new Workspace(name, ledger, config.debug()));
  }

  public Execution execution(Workspace workspace) {
    return new Execution(team, kernels, workspace, observers);
  }

  /** Who is told of every operation, such as a profile. */
  public Observers observers() {
    return observers;
  }

  /** Operations without a tape: inference. */
  public Ops ops(Workspace workspace) {
    return new Ops(execution(workspace), null);
  }

  /** A tape for one forward and backward pass. */
  public Tape tape(Workspace workspace) {
    return new Tape(execution(workspace));
  }

  /** A zeroed tensor that lives as long as the engine: parameters, optimizer state. */
  public Tensor persistent(String owner, TensorSpec spec) {
    NativeBlock block = own(() -> new NativeBlock(owner, ledger, spec.bytes()));
    return Tensor.of(block.memory(), new EngineLifetime(), spec);
  }

  /** A zeroed tensor that is freed by the garbage collector: small inputs, casual results. */
  public Tensor zeros(DType dtype, long... shape) {
    requireOpen();
    TensorSpec spec = TensorSpec.of(Shape.of(shape), dtype);
    return Tensor.of(
        Segments.allocate(Arena.ofAuto(), Segments.align(spec.bytes())),
        new EngineLifetime(),
        spec);
  }

  /** A float32 tensor of the given elements, row-major. */
  public Tensor tensor(float[] values, long... shape) {
    return zeros(DType.FLOAT32, shape).copyFrom(values);
  }

  /** A float64 tensor of the given elements, row-major. */
  public Tensor tensor(double[] values, long... shape) {
    return zeros(DType.FLOAT64, shape).copyFrom(values);
  }

  /** An INT32 tensor of ids, row-major. */
  public Tensor ids(int[] values, long... shape) {
    return zeros(DType.INT32, shape).copyFrom(values);
  }

  private final class EngineLifetime implements Lifetime {
    @Override
    public MemoryLedger owner() {
      return ledger;
    }

    @Override
    public String invalidReason() {
      return closed ? "its engine is closed" : null;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new StaleTensorException("the engine is closed; create a new one");
    }
  }

  private synchronized <T extends AutoCloseable> T own(Supplier<T> resource) {
    requireOpen();
    T made = resource.get();
    owned.add(made);
    return made;
  }

  /**
   * Waits for a running parallel section, then frees everything. Closing twice is safe.
   *
   * @throws BirkhoffException when memory is still in use by another thread; the rest is freed
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    team.close();
    closed = true;
    BirkhoffException failure = null;
    for (AutoCloseable resource : owned.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new BirkhoffException("engine: memory is still in use while it is closed", e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    owned.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
