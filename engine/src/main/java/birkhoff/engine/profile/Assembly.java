package birkhoff.engine.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The machine code that C2 makes of a method, from a JVM of its own that runs all kernels of a
 * role. With hsdis in the JDK the JVM disassembles by itself; without it, its hexadecimal print is
 * handed to {@code objdump}; without that too, it stays hexadecimal.
 */
public final class Assembly {
  private static final Pattern CODE =
      Pattern.compile("^ *0x([0-9a-f]+): *((?:[0-9a-f]{2,16}[ |]+)*[0-9a-f]{2,16}) *$");
  private static final Pattern REGISTERS = Pattern.compile("%([xyz])mm");

  private Assembly() {}

  /**
   * What was made.
   *
   * @param how hsdis, objdump or hexadecimal, with the remedy
   * @param text of the last code that C2 made; empty when it compiled no such method
   */
  public record Listing(String how, String text) {
    /** Vector instructions by register width: {@code zmm 28, ymm 0, xmm 3}. */
    public String registers() {
      int[] counts = new int[3];
      for (String line : text.lines().toList()) {
        int widest = -1;
        Matcher m = REGISTERS.matcher(line);
        while (m.find()) {
          widest = Math.max(widest, "xyz".indexOf(m.group(1)));
        }
        if (widest >= 0) {
          counts[widest]++;
        }
      }
      return "zmm " + counts[2] + ", ymm " + counts[1] + ", xmm " + counts[0];
    }
  }

  /**
   * The command that prints the code.
   *
   * @param method {@code Class::method}, of the vector kernels unless the class has a package
   * @param main class whose {@code main} runs the method until C2 has compiled it
   */
  public static List<String> command(String method, String main, List<String> arguments) {
    if (!method.matches("[\\w.$]+::[\\w$]+")) {
      throw new IllegalArgumentException(
          "assembly: '" + method + "' is not of the form Class::method, as GemmMicroKernel::tile");
    }
    String full = method.contains(".") ? method : "birkhoff.engine.kernel.vector." + method;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules",
            "jdk.incubator.vector",
            "-XX:+UseSerialGC",
            "-XX:-TieredCompilation",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=print," + full,
            "-cp",
            System.getProperty("java.class.path"),
            main));
    command.addAll(arguments);
    return command;
  }

  /** Runs the command and reads what it printed. */
  public static Listing of(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("birkhoff", ".txt");
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start()
          .waitFor();
      String last = last(Files.readString(output, StandardCharsets.UTF_8));
      return last.isEmpty() ? new Listing("C2 compiled no such method", "") : listing(last);
    } finally {
      Files.delete(output);
    }
  }

  /** The last method that was printed. */
  static String last(String output) {
    int at = output.lastIndexOf("Compiled method (c2)");
    return at < 0 ? "" : output.substring(at);
  }

  private static Listing listing(String code) throws IOException, InterruptedException {
    byte[] bytes = bytes(code);
    if (bytes.length == 0) {
      return new Listing("disassembled by hsdis", code);
    }
    Optional<Path> objdump =
        HardwareCounters.onPath("objdump", System.getenv().getOrDefault("PATH", ""));
    boolean intel = System.getProperty("os.arch").equals("amd64");
    if (objdump.isEmpty() || !intel) {
      return new Listing(
          "in hexadecimal: neither hsdis in the JDK nor objdump for x86-64 is there; install"
              + " binutils",
          code);
    }
    Path binary = Files.createTempFile("birkhoff", ".bin");
    try {
      Files.write(binary, bytes);
      Process process =
          new ProcessBuilder(
                  objdump.get().toString(),
                  "-D",
                  "-b",
                  "binary",
                  "-m",
                  "i386:x86-64",
                  binary.toString())
              .redirectErrorStream(true)
              .start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return new Listing("disassembled by objdump (no hsdis in this JDK)", text);
    } finally {
      Files.delete(binary);
    }
  }

  /** The machine code between the markers that HotSpot prints without hsdis; none with it. */
  static byte[] bytes(String code) {
    var hex = new StringBuilder();
    boolean inside = false;
    for (String line : code.lines().toList()) {
      if (line.contains("[MachCode]")) {
        inside = true;
      } else if (line.contains("[/MachCode]")) {
        break;
      } else if (inside) {
        Matcher m = CODE.matcher(line);
        if (m.matches()) {
          hex.append(m.group(2).replaceAll("[ |]", ""));
        }
      }
    }
    return java.util.HexFormat.of().parseHex(hex);
  }

  /** Whether the JDK at {@code home} has hsdis. */
  public static boolean hasHsdis(Path home) throws IOException {
    for (String folder : List.of("lib", "lib/server")) {
      Path place = home.resolve(folder);
      if (Files.isDirectory(place)) {
        try (Stream<Path> files = Files.list(place)) {
          if (files.anyMatch(f -> f.getFileName().toString().contains("hsdis"))) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
