package birkhoff.transformer.train;

import birkhoff.transformer.checkpoint.Checkpoint;
import birkhoff.transformer.checkpoint.SavedModel;
import birkhoff.transformer.checkpoint.TrainProgress;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigBuilder;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.error.UsageException;
import birkhoff.transformer.exchange.HfFolder;
import birkhoff.transformer.setup.Setup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where a run starts, as {@code init_from} says.
 *
 * @param config effective configuration
 * @param corpus data; the caller closes it
 * @param model whose weights are taken, or null for fresh ones
 * @param resumes whether the model is a checkpoint whose moments and step are taken too
 */
public record RunStart(RunConfig config, Corpus corpus, SavedModel model, boolean resumes) {
  private static final String HF = "hf:";

  /** Adds what the user set: preset, file and options. */
  @FunctionalInterface
  public interface UserSettings {
    RunConfigBuilder applyTo(RunConfigBuilder builder) throws IOException;
  }

  /**
   * Reads the checkpoint that is wanted and opens the data.
   *
   * @throws UsageException when the settings do not fit the checkpoint, naming the keys
   */
  public static RunStart of(UserSettings user) throws IOException {
    RunConfig asked = user.applyTo(new RunConfigBuilder()).build();
    String from = asked.get(Keys.INIT_FROM);
    if (from.equals("scratch")) {
      Corpus corpus = Corpus.open(asked.get(Keys.DATASET), asked.get(Keys.TOKENIZER));
      return complete(asked, corpus, null, false);
    }
    boolean resumes = from.equals("resume");
    SavedModel model = resumes ? Checkpoint.open(Path.of(asked.get(Keys.OUT_DIR))) : open(from);
    Predicate<Key<?>> inherited =
        resumes
            ? key -> !key.equals(Keys.OUT_DIR) && !key.equals(Keys.INIT_FROM)
            : key ->
                key.group() == Key.Group.MODEL
                    || key.group() == Key.Group.RESIDUAL
                    || key.equals(Keys.TOKENIZER);
    RunConfig config =
        user.applyTo(
                new RunConfigBuilder().base(model.config(), inherited, "model " + model.folder()))
            .build();
    List<RunConfig.Difference> differences =
        model.config().fixedDifferences(config).stream()
            .filter(difference -> inherited.test(difference.key()))
            .filter(difference -> resumes || !isShorter(difference))
            .toList();
    if (!differences.isEmpty()) {
      throw new UsageException(
          "the model "
              + model.folder()
              + " was made with other values of "
              + differences.stream().map(Object::toString).collect(Collectors.joining(", "))
              + "; leave these keys out to keep its values");
    }
    Corpus corpus = Corpus.open(config.get(Keys.DATASET), model.tokenizer());
    return complete(config, corpus, model, resumes);
  }

  private static SavedModel open(String from) throws IOException {
    return from.startsWith(HF)
        ? HfFolder.open(Path.of(from.substring(HF.length())), "")
        : Checkpoint.open(Path.of(from));
  }

  /** The first positions of a model are a model. */
  private static boolean isShorter(RunConfig.Difference difference) {
    return difference.key().equals(Keys.BLOCK_SIZE)
        && (Integer) difference.now() < (Integer) difference.before();
  }

  private static RunStart complete(
      RunConfig config, Corpus corpus, SavedModel model, boolean resumes) {
    try {
      BatchSampler.requireWindow(corpus.train(), config.get(Keys.BLOCK_SIZE));
      BatchSampler.requireWindow(corpus.val(), config.get(Keys.BLOCK_SIZE));
      int rows = Setup.vocabularySize(config, corpus.tokenizer().vocabularySize());
      RunConfig effective =
          config.with(Keys.VOCAB_SIZE, rows).with(Keys.TOKENIZER, corpus.tokenizer().name());
      return new RunStart(effective, corpus, model, resumes);
    } catch (RuntimeException e) {
      corpus.close();
      throw e;
    }
  }

  /** Where the run stands before its first step. */
  public TrainProgress progress() {
    return resumes ? checkpoint().progress() : TrainProgress.start(corpus.sha256());
  }

  /** The checkpoint that is resumed. */
  Checkpoint checkpoint() {
    return (Checkpoint) model;
  }
}
