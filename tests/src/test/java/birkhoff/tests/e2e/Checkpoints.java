package birkhoff.tests.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** The checkpoints of a run's folder. */
final class Checkpoints {
  private Checkpoints() {}

  static Path folder(Path run, long step) {
    return run.resolve("checkpoints").resolve(String.format(Locale.ROOT, "step-%08d", step));
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
