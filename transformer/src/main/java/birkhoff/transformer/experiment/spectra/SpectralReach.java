package birkhoff.transformer.experiment.spectra;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The spectral-reach experiment of arXiv 2604.02309: one matrix per target point is led towards it,
 * and every eigenvalue on the way is kept. The result does not depend on the number of threads.
 *
 * @param targets how many
 * @param seed of targets and starting values
 * @param threads that work
 */
public record SpectralReach(int targets, long seed, int threads) {
  private static final int CHUNK = 16;

  /** Points of the boundary are this close to each other, an eighth of a cell. */
  private static final double SPACING = Reached.CELL / 8;

  /**
   * Runs one case.
   *
   * @param stop asked now and then
   * @return what was reached, or null when {@code stop} said so
   */
  public ReachResult run(ReachCase what, BooleanSupplier stop) {
    long start = System.nanoTime();
    Region region = Region.of(what.d());
    AtomicInteger next = new AtomicInteger();
    List<Callable<Reached>> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(() -> work(what, region, next, stop));
    }
    Reached all = new Reached(region);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Reached> part : pool.invokeAll(workers)) {
        all.add(part.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException e) {
      throw new IllegalStateException(what.id() + ": " + e.getCause().getMessage(), e);
    }
    return stop.getAsBoolean()
        ? null
        : measure(what, region, all, (System.nanoTime() - start) / 1e9);
  }

  private Reached work(ReachCase what, Region region, AtomicInteger next, BooleanSupplier stop) {
    Reached reached = new Reached(region);
    Chase chase = new Chase(what, seed, reached);
    for (int lo = next.getAndAdd(CHUNK); lo < targets; lo = next.getAndAdd(CHUNK)) {
      for (int i = lo; i < Math.min(targets, lo + CHUNK) && !stop.getAsBoolean(); i++) {
        chase.run(i);
      }
    }
    return reached;
  }

  private static ReachResult measure(
      ReachCase what, Region region, Reached reached, double seconds) {
    double gap = -1;
    double sum = 0;
    Region.Point from = null;
    Region.Point to = null;
    List<Region.Point> boundary = region.boundary(SPACING);
    for (Region.Point p : boundary) {
      Region.Point closest = reached.closest(p);
      double distance = p.distance(closest);
      sum += distance;
      if (distance > gap) {
        gap = distance;
        from = p;
        to = closest;
      }
    }
    return new ReachResult(
        what,
        reached,
        region,
        reached.cells(false),
        reached.cells(true),
        gap,
        from,
        to,
        sum / boundary.size(),
        region.edgeMiddle().distance(reached.closest(region.edgeMiddle())),
        seconds);
  }
}
