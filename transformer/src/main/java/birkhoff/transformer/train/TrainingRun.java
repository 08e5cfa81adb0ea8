package birkhoff.transformer.train;

import birkhoff.engine.Engine;
import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.transformer.checkpoint.CheckpointStore;
import birkhoff.transformer.checkpoint.TrainProgress;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.diagnostics.MixerProbe;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.metrics.HtmlReport;
import birkhoff.transformer.metrics.MetricsFiles;
import birkhoff.transformer.metrics.RunSink;
import birkhoff.transformer.metrics.TensorBoardEvents;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.sample.Generator;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.setup.Setup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** A whole run, from the configuration to the files in its folder: whoever trains, trains so. */
public final class TrainingRun {
  /** Who is told about a run besides its own files. */
  public interface Audience {
    /** A line for people. */
    void say(String line);

    /** The model is ready; model, data and machine in order. */
    void ready(RunConfig config, Map<String, String> facts);

    /** Told what happens from then on, before the run's files are; closed at the end. */
    List<RunSink> sinks(RunConfig config, long firstStep);
  }

  private final RunStart start;
  private final RunConfig config;
  private final Audience audience;
  private final boolean writes;

  private TrainingRun(RunStart start, Audience audience) {
    this.start = start;
    this.config = start.config();
    this.audience = audience;
    this.writes = !config.get(Keys.EVAL_ONLY);
  }

  /**
   * Trains until the end or until {@code stop} becomes true. Closes the corpus of the start.
   *
   * @throws DivergedException naming the last checkpoint, when there is one
   */
  public static Trainer.Outcome run(RunStart start, Audience audience, BooleanSupplier stop)
      throws IOException {
    try (Corpus corpus = start.corpus();
        RunFolder folder = RunFolder.open(Path.of(start.config().get(Keys.OUT_DIR)));
        Engine engine = Setup.trainingEngine(start.config())) {
      return new TrainingRun(start, audience).train(corpus, folder, engine, stop);
    }
  }

  private Trainer.Outcome train(
      Corpus corpus, RunFolder folder, Engine engine, BooleanSupplier stop) throws IOException {
    var store = new CheckpointStore(folder.path());
    store.removeLitter();
    if (writes && !start.resumes() && folder.putEarlierRunAside()) {
      audience.say("moved the earlier run to " + folder.path().resolve("previous"));
    }
    if (writes && WarmUp.pays(config)) {
      WarmUp.run(config);
    }
    Gpt gpt = Setup.model(engine, config);
    var step = TrainingStep.on(engine, gpt, config, corpus.train());
    TrainProgress progress = start.progress();
    if (start.model() != null) {
      start.model().readWeights(gpt.parameters());
    }
    if (start.resumes()) {
      start.checkpoint().readOptimizer(step.optimizer());
      progress = resumed(progress, store, corpus);
    }
    double peak = FmaPeak.measure(engine.team());
    Map<String, String> facts = facts(gpt, engine, peak);
    audience.ready(config, facts);
    if (writes) {
      AtomicFile.writeString(folder.path().resolve(RunFolder.CONFIG), RunConfigText.toml(config));
    }
    List<RunSink> sinks = new ArrayList<>(audience.sinks(config, progress.step()));
    try {
      if (writes) {
        sinks.add(new MetricsFiles(folder.path(), progress.step()));
        if (config.get(Keys.TENSORBOARD)) {
          sinks.add(new TensorBoardEvents(folder.path()));
        }
        sinks.add(
            new HtmlReport(
                folder.path(),
                "Birkhoff: " + gptName() + " on " + corpus.name(),
                facts,
                RunConfigText.toml(config)));
      }
      var parts =
          new Trainer.Parts(
              config,
              gpt,
              step,
              new Evaluator(
                  engine,
                  gpt,
                  corpus.tokenizer().byteLengths(),
                  config.get(Keys.BATCH_SIZE),
                  config.get(Keys.BLOCK_SIZE)),
              new Generator(engine, gpt, corpus.tokenizer()),
              probe(engine, gpt),
              corpus,
              store,
              sinks,
              peak);
      Trainer.Outcome outcome = new Trainer(parts, progress).run(stop);
      if (outcome == Trainer.Outcome.STOPPED_EARLY) {
        audience.say(
            "stopped early: no lower validation loss in "
                + config.get(Keys.EARLY_STOPPING)
                + " evaluations; the best checkpoint is "
                + store.best().orElseThrow());
      }
      return outcome;
    } catch (DivergedException e) {
      throw new DivergedException(e.getMessage() + lastGood(store));
    } finally {
      for (RunSink sink : sinks) {
        sink.close();
      }
      if (writes) {
        audience.say("report: " + folder.path().resolve(HtmlReport.FILE));
      }
    }
  }

  private static Optional<MixerProbe> probe(Engine engine, Gpt gpt) {
    return MixerProbe.applies(gpt.config())
        ? Optional.of(new MixerProbe(engine, gpt, 1, gpt.config().blockSize()))
        : Optional.empty();
  }

  private TrainProgress resumed(TrainProgress saved, CheckpointStore store, Corpus corpus)
      throws IOException {
    if (!saved.datasetSha256().equals(corpus.sha256())) {
      audience.say("the text differs from the checkpoint's: this will not continue it exactly");
    }
    audience.say("resuming after " + saved.step() + " steps");
    return new TrainProgress(saved.step(), saved.tokens(), store.bestLoss(saved), corpus.sha256());
  }

  private static String lastGood(CheckpointStore store) throws IOException {
    return store.latest().map(path -> "; the last checkpoint is " + path).orElse("");
  }

  private String gptName() {
    String type = config.get(Keys.HYPER_CONN_TYPE);
    return type.equals("none")
        ? "GPT"
        : String.format(
            Locale.ROOT,
            "%s GPT (d=%d, s=%d)",
            type,
            config.get(Keys.HYPER_CONN_N),
            config.get(Keys.HYPER_CONN_S));
  }

  private Map<String, String> facts(Gpt gpt, Engine engine, double peak) {
    Corpus corpus = start.corpus();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "Model",
        String.format(Locale.ROOT, "%s, %,d parameters", gptName(), gpt.parameters().count()));
    facts.put(
        "Text",
        String.format(
            Locale.ROOT,
            "%s: %,d tokens to train, %,d to validate",
            corpus.name(),
            corpus.train().size(),
            corpus.val().size()));
    facts.put(
        "Tokenizer",
        String.format(
            Locale.ROOT,
            "%s, %,d tokens",
            corpus.tokenizer().name(),
            corpus.tokenizer().vocabularySize()));
    facts.put("Processor", Machine.processor() + ", " + Machine.system());
    facts.put("Java", Machine.java());
    facts.put(
        "Peak",
        String.format(
            Locale.ROOT, "%.0f GFLOP/s float32, %d threads", peak / 1e9, engine.team().size()));
    facts.put(
        "Kernels",
        Machine.kernels(engine).entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue())
            .collect(Collectors.joining("; ")));
    return facts;
  }
}
