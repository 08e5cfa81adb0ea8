package birkhoff.transformer.cli;

import birkhoff.engine.io.AtomicFile;
import birkhoff.engine.profile.Assembly;
import birkhoff.engine.profile.simd.SimdCheck;
import birkhoff.transformer.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the machine code of a kernel's method. */
final class AssemblyText {
  private static final String FILE = "assembly.txt";

  private AssemblyText() {}

  static ExitCode write(Console console, String method, Path folder) throws IOException {
    List<String> command;
    try {
      command = Assembly.command(method, SimdCheck.class.getName(), List.of());
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    try {
      Assembly.Listing listing = Assembly.of(command);
      if (listing.text().isEmpty()) {
        console.say("birkhoff: " + method + ": " + listing.how() + " while all kernels ran");
        return ExitCode.FAILURE;
      }
      Files.createDirectories(folder);
      Path file = folder.resolve(FILE);
      AtomicFile.writeString(file, listing.text());
      console
          .out()
          .printf(
              "%s: %s%ninstructions by register: %s%nwritten to %s%n",
              method, listing.how(), listing.registers(), file);
      return ExitCode.DONE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.INTERRUPTED;
    }
  }
}
