package birkhoff.tests.formats;

import birkhoff.engine.io.AtomicFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Publishes folders and removes old ones until it is killed. */
final class PublishForever {
  static final List<String> FILES = List.of("model", "optimizer", "state");
  static final int SIZE = 200_000;

  private PublishForever() {}

  public static void main(String[] args) throws IOException {
    Path out = Path.of(args[0]);
    for (int i = 0; true; i++) {
      AtomicFolder.publish(
          out.resolve("step-" + i),
          temporary -> {
            for (String name : FILES) {
              Files.write(temporary.resolve(name), new byte[SIZE]);
            }
          });
      if (i == 0) {
        System.out.print('.');
        System.out.flush();
      }
      AtomicFolder.remove(out.resolve("step-" + (i - 2)));
    }
  }
}
