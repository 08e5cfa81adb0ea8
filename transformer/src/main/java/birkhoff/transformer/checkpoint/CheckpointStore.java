package birkhoff.transformer.checkpoint;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.io.AtomicFolder;
import birkhoff.engine.nn.Parameters;
import birkhoff.engine.optim.Optimizer;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.json.Json;
import birkhoff.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: {@code out_dir/checkpoints/step-00000250} and so on, and {@code
 * out_dir/best.json}, which names the one with the lowest validation loss. A step's folder exists
 * whole or not at all.
 */
public final class CheckpointStore {
  private static final String FOLDER = "checkpoints";
  private static final String BEST = "best.json";
  private static final Pattern NAME = Pattern.compile("step-([0-9]{8,18})");

  private final Path outDir;
  private final Path folder;

  /** The checkpoints of the run in a folder, which need not exist. */
  public CheckpointStore(Path outDir) {
    this.outDir = outDir;
    this.folder = outDir.resolve(FOLDER);
  }

  /** Removes what an interrupted save left behind; the caller is the only one writing here. */
  public void removeLitter() throws IOException {
    AtomicFolder.removeLitter(folder);
    AtomicFolder.removeLitter(outDir);
  }

  /** The checkpoint of the highest step. */
  public Optional<Path> latest() throws IOException {
    List<Path> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /**
   * Publishes a checkpoint. One of the same step is left as it is: the step decides its contents.
   *
   * @return its folder
   */
  public Path save(
      RunConfig config,
      Tokenizer tokenizer,
      TrainProgress progress,
      Parameters parameters,
      Optimizer optimizer)
      throws IOException {
    Path target = path(progress.step());
    if (!Files.exists(target)) {
      Checkpoint.write(target, config, tokenizer, progress, parameters, optimizer);
    }
    return target;
  }

  /** Notes the checkpoint with the lowest validation loss, which is then kept. */
  public void markBest(long step, double valLoss) throws IOException {
    var json = Json.object();
    json.put("step", step);
    json.put("val_loss", valLoss);
    json.put("checkpoint", outDir.relativize(path(step)).toString());
    AtomicFile.writeString(outDir.resolve(BEST), Json.pretty(json));
  }

  /**
   * The lowest validation loss of the run up to a step, which its checkpoint cannot know: it is
   * saved before the evaluation.
   */
  public double bestLoss(TrainProgress progress) throws IOException {
    Path file = outDir.resolve(BEST);
    if (bestStep().orElse(Long.MAX_VALUE) > progress.step()) {
      return progress.bestValLoss();
    }
    return Math.min(progress.bestValLoss(), Json.number(file, Json.read(file), "val_loss"));
  }

  /**
   * Removes all but the newest checkpoints, the best one, and those of certain steps.
   *
   * @param keepEvery checkpoints of multiples of this step stay; 0 for none
   */
  public void prune(int keepLast, int keepEvery) throws IOException {
    OptionalLong best = bestStep();
    List<Path> all = all();
    for (Path old : all.subList(0, Math.max(0, all.size() - keepLast))) {
      boolean isBest = best.isPresent() && old.equals(path(best.getAsLong()));
      boolean stays = keepEvery > 0 && step(old) % keepEvery == 0;
      if (!isBest && !stays) {
        AtomicFolder.remove(old);
      }
    }
  }

  /** The checkpoint with the lowest validation loss; empty before the first evaluation. */
  public Optional<Path> best() throws IOException {
    OptionalLong step = bestStep();
    return step.isPresent() ? Optional.of(path(step.getAsLong())) : Optional.empty();
  }

  /** The step with the lowest validation loss; empty before the first evaluation. */
  public OptionalLong bestStep() throws IOException {
    Path file = outDir.resolve(BEST);
    return Files.exists(file)
        ? OptionalLong.of(Json.integer(file, Json.read(file), "step"))
        : OptionalLong.empty();
  }

  private Path path(long step) {
    return folder.resolve(String.format(Locale.ROOT, "step-%08d", step));
  }

  private List<Path> all() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .filter(child -> NAME.matcher(child.getFileName().toString()).matches())
          .filter(Files::isDirectory)
          .sorted(Comparator.comparingLong(CheckpointStore::step))
          .toList();
    }
  }

  private static long step(Path checkpoint) {
    Matcher matcher = NAME.matcher(checkpoint.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }
}
