package birkhoff.transformer.metrics;

import java.io.IOException;
import java.nio.file.Path;

/** Receives what happens in a run, in order, on the training thread. */
public interface RunSink extends AutoCloseable {
  /** A step ended; called for every one. */
  default void progress(StepReport report) {}

  /** A step that is to be logged; called after {@link #progress}. */
  default void step(StepReport report) throws IOException {}

  /** An evaluation ended. */
  default void evaluated(EvaluationReport report) throws IOException {}

  /** The mixers of a model with streams were looked at; called after {@link #evaluated}. */
  default void mixed(StreamsReport report) throws IOException {}

  /** A sample was drawn. */
  default void sampled(SampleReport report) throws IOException {}

  /** A checkpoint was published. */
  default void saved(long step, Path checkpoint) throws IOException {}

  /** The run ended, well or not. */
  @Override
  default void close() throws IOException {}
}
