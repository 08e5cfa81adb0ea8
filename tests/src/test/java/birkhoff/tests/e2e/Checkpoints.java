package birkhoff.tests.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;

/** The checkpoints of a run's folder. */
final class Checkpoints {
  private Checkpoints() {}

  static Path folder(Path run, long step) {
    return run.resolve("checkpoints").resolve(String.format(Locale.ROOT, "step-%08d", step));
  }

  /** The step of the newest one. */
  static long newest(Path run) throws IOException {
    try (Stream<Path> all = Files.list(run.resolve("checkpoints"))) {
      return all.map(p -> p.getFileName().toString())
          .filter(n -> n.matches("step-\\d{8}"))
          .mapToLong(n -> Long.parseLong(n.substring(5)))
          .max()
          .orElseThrow();
    }
  }

  /** Of one file of the checkpoint of a step. */
  static String sha256(Path run, long step, String file) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(folder(run, step).resolve(file));
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
