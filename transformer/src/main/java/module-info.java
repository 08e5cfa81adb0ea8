/** GPTs with go-mHC residual streams: model, data, trainer and command line. */
module birkhoff.transformer {
  requires birkhoff.engine;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.toml;
  requires info.picocli;
  requires jtokkit;
  requires java.management;
  requires jdk.management;
  requires me.tongfei.progressbar;
  requires org.jline.reader;
  requires org.jline.terminal;

  exports birkhoff.transformer.cli;

  opens birkhoff.transformer.cli to
      info.picocli;
}
