package birkhoff.transformer.experiment.residuals;

import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.checkpoint.CheckpointStore;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.metrics.RunSink;
import birkhoff.transformer.train.RunFolder;
import birkhoff.transformer.train.RunStart;
import birkhoff.transformer.train.Trainer;
import birkhoff.transformer.train.TrainingRun;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Trains what is not trained yet, one run after the other, and measures what is not measured yet.
 */
public final class ResidualsExperiment {
  /** Settings that a checkpoint knows better: the text decides them when a run starts. */
  private static final Set<Key<?>> FROM_TEXT = Set.of(Keys.VOCAB_SIZE, Keys.TOKENIZER);

  /** Who follows the experiment. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A run is finished, in this call of the experiment or an earlier one.
     *
     * @param all finished runs, this one last
     */
    void finished(List<ResidualsRun> all) throws IOException;
  }

  private final ResidualsSettings settings;
  private final BooleanSupplier stop;

  private ResidualsExperiment(ResidualsSettings settings, BooleanSupplier stop) {
    this.settings = settings;
    this.stop = stop;
  }

  /**
   * Runs the plan of the settings, or what is left of it.
   *
   * @param stop asked before every step; when true, the run that goes on is saved
   * @return whether the plan is finished
   */
  public static boolean run(ResidualsSettings settings, BooleanSupplier stop, Listener listener)
      throws IOException {
    List<ResidualsCase> plan = settings.plan();
    RunConfig base = settings.base();
    try (Corpus corpus = Corpus.open(base.get(Keys.DATASET), base.get(Keys.TOKENIZER));
        RunFolder _ = RunFolder.open(settings.folder())) {
      ExperimentFile.check(settings, corpus.sha256());
      var experiment = new ResidualsExperiment(settings, stop);
      List<ResidualsRun> finished = new ArrayList<>();
      for (ResidualsCase which : plan) {
        Optional<ResidualsRun> run = experiment.run(which);
        if (run.isEmpty()) {
          return false;
        }
        finished.add(run.get());
        listener.finished(List.copyOf(finished));
      }
      return true;
    }
  }

  private Optional<ResidualsRun> run(ResidualsCase which) throws IOException {
    Path folder = settings.folder().resolve(which.folder());
    if (!isTrained(folder) && train(which, folder) == Trainer.Outcome.INTERRUPTED) {
      return Optional.empty();
    }
    Checkpoint checkpoint = Checkpoint.open(folder);
    Optional<ObjectNode> measured = Measurement.read(folder, checkpoint);
    if (measured.isEmpty()) {
      measured = Measurement.measure(folder, checkpoint, stop);
    }
    return measured.isEmpty()
        ? Optional.empty()
        : Optional.of(ResidualsRun.read(which, folder, measured.get()));
  }

  private boolean isTrained(Path folder) throws IOException {
    Optional<Path> latest = new CheckpointStore(folder).latest();
    return latest.isPresent()
        && Checkpoint.open(latest.get()).progress().step() == settings.base().get(Keys.MAX_ITERS);
  }

  private Trainer.Outcome train(ResidualsCase which, Path folder) throws IOException {
    boolean resumes = new CheckpointStore(folder).latest().isPresent();
    RunConfig config =
        which
            .config(settings.base(), settings.folder())
            .with(Keys.INIT_FROM, resumes ? "resume" : "scratch");
    RunStart start =
        RunStart.of(builder ->
            builder.base(config, key -> !(resumes && FROM_TEXT.contains(key)), "experiment"));
    try {
      return TrainingRun.run(start, new Silent(), stop);
    } catch (DivergedException e) {
      throw new DivergedException(which.label() + " " + e.getMessage());
    }
  }

  /** A run of many says nothing itself. */
  private static final class Silent implements TrainingRun.Audience {
    @Override
    public void say(String line) {}

    @Override
    public void ready(RunConfig config, Map<String, String> facts) {}

    @Override
    public List<RunSink> sinks(RunConfig config, long firstStep) {
      return List.of();
    }
  }
}
