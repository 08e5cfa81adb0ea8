package birkhoff.transformer.cli;

import birkhoff.engine.Engine;
import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.profile.FmaPeak;
import birkhoff.transformer.checkpoint.CheckpointStore;
import birkhoff.transformer.checkpoint.TrainProgress;
import birkhoff.transformer.config.Key;
import birkhoff.transformer.config.Keys;
import birkhoff.transformer.config.RunConfig;
import birkhoff.transformer.config.RunConfigText;
import birkhoff.transformer.data.BatchSampler;
import birkhoff.transformer.data.Corpus;
import birkhoff.transformer.error.DivergedException;
import birkhoff.transformer.metrics.ConsoleLines;
import birkhoff.transformer.metrics.HtmlReport;
import birkhoff.transformer.metrics.JsonSteps;
import birkhoff.transformer.metrics.MetricsFiles;
import birkhoff.transformer.metrics.RunSink;
import birkhoff.transformer.model.Gpt;
import birkhoff.transformer.sample.Generator;
import birkhoff.transformer.setup.Machine;
import birkhoff.transformer.setup.Setup;
import birkhoff.transformer.train.Evaluator;
import birkhoff.transformer.train.RunFolder;
import birkhoff.transformer.train.RunStart;
import birkhoff.transformer.train.Trainer;
import birkhoff.transformer.train.TrainingStep;
import birkhoff.transformer.train.WarmUp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a model. */
@Command(
    name = "train",
    description = {
      "Trains a GPT. Without options: a go-mHC GPT on the built-in corpus, in about three minutes.",
      "Ctrl-C finishes the step, saves a checkpoint and exits with 130; --init_from=resume goes on"
          + " exactly where it stopped."
    })
final class TrainCommand extends BaseCommand {
  @Option(names = "--json", description = "Print one JSON object per logged step on stdout.")
  private boolean json;

  TrainCommand(Console console) {
    super(console);
  }

  @Override
  List<Key<?>> keys() {
    return List.copyOf(Keys.all().values());
  }

  @Override
  boolean takesFiles() {
    return true;
  }

  @Override
  ExitCode run() throws IOException {
    RunStart start = RunStart.of(this::settings);
    try (Corpus corpus = start.corpus();
        RunFolder folder = RunFolder.open(Path.of(start.config().get(Keys.OUT_DIR)));
        Engine engine = Setup.trainingEngine(start.config());
        Interruption.Guard guard = console().interruption().guard()) {
      return train(start, corpus, folder, engine, guard);
    }
  }

  private ExitCode train(
      RunStart start, Corpus corpus, RunFolder folder, Engine engine, Interruption.Guard guard)
      throws IOException {
    RunConfig config = start.config();
    boolean writes = !config.get(Keys.EVAL_ONLY);
    var store = new CheckpointStore(folder.path());
    store.removeLitter();
    if (writes && !start.resumes() && folder.putEarlierRunAside()) {
      console().say("moved the earlier run to " + folder.path().resolve("previous"));
    }
    if (writes && WarmUp.pays(config)) {
      WarmUp.run(config);
    }
    Gpt gpt = Setup.model(engine, config);
    BatchSampler sampler =
        BatchSampler.of(
            config.get(Keys.SAMPLING),
            corpus.train(),
            config.get(Keys.BLOCK_SIZE),
            config.get(Keys.SEED),
            BatchSampler.Stream.TRAINING);
    var step = new TrainingStep(engine, gpt, config, sampler::fill);
    TrainProgress progress = start.progress();
    if (start.checkpoint() != null) {
      start.checkpoint().readWeights(gpt.parameters());
    }
    if (start.resumes()) {
      start.checkpoint().readOptimizer(step.optimizer());
      progress = resumed(progress, store, corpus);
    }
    double peak = FmaPeak.measure(engine.team());
    Map<String, String> facts = facts(start, gpt, engine, peak);
    console().err().print(RunConfigText.summary(config));
    facts.forEach(
        (name, value) -> console().say(String.format(Locale.ROOT, "%-17s%s", name, value)));
    if (writes) {
      AtomicFile.writeString(folder.path().resolve(RunFolder.CONFIG), RunConfigText.toml(config));
    }
    List<RunSink> sinks = new ArrayList<>();
    try {
      sinks.add(
          new ConsoleLines(
              console().err(), console().terminal(), progress.step(), config.get(Keys.MAX_ITERS)));
      if (json) {
        sinks.add(new JsonSteps(console().out()));
      }
      if (writes) {
        sinks.add(new MetricsFiles(folder.path(), progress.step()));
        sinks.add(
            new HtmlReport(
                folder.path(),
                "Birkhoff: " + gptName(config) + " on " + corpus.name(),
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
              corpus,
              store,
              sinks,
              peak);
      Trainer.Outcome outcome = new Trainer(parts, progress).run(guard::requested);
      return outcome == Trainer.Outcome.INTERRUPTED ? ExitCode.INTERRUPTED : ExitCode.DONE;
    } catch (DivergedException e) {
      throw new DivergedException(e.getMessage() + lastGood(store));
    } finally {
      for (RunSink sink : sinks) {
        sink.close();
      }
      if (writes) {
        console().say("report: " + folder.path().resolve(HtmlReport.FILE));
      }
    }
  }

  private TrainProgress resumed(TrainProgress saved, CheckpointStore store, Corpus corpus)
      throws IOException {
    if (!saved.datasetSha256().equals(corpus.sha256())) {
      console().say("the text differs from the checkpoint's: this will not continue it exactly");
    }
    console().say("resuming after " + saved.step() + " steps");
    return new TrainProgress(saved.step(), saved.tokens(), store.bestLoss(saved), corpus.sha256());
  }

  private static String lastGood(CheckpointStore store) throws IOException {
    return store.latest().map(path -> "; the last checkpoint is " + path).orElse("");
  }

  private static String gptName(RunConfig config) {
    String type = config.get(Keys.HYPER_CONN_TYPE);
    if (type.equals("none")) {
      return "GPT";
    }
    String blocks = type.startsWith("go_") ? ", s=" + config.get(Keys.HYPER_CONN_S) : "";
    return type + " GPT (d=" + config.get(Keys.HYPER_CONN_N) + blocks + ")";
  }

  private static Map<String, String> facts(RunStart start, Gpt gpt, Engine engine, double peak) {
    Corpus corpus = start.corpus();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "Model",
        String.format(
            Locale.ROOT, "%s, %,d parameters", gptName(start.config()), gpt.parameters().count()));
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
