import java.io.File;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jacoco.core.analysis.Analyzer;
import org.jacoco.core.analysis.CoverageBuilder;
import org.jacoco.core.analysis.IBundleCoverage;
import org.jacoco.core.analysis.IClassCoverage;
import org.jacoco.core.analysis.ICounter;
import org.jacoco.core.analysis.ICoverageNode;
import org.jacoco.core.tools.ExecFileLoader;

/**
 * Prints how much of the engine the tests ran: lines and branches of every package, the classes
 * with the most missed branches, and the whole. Fails below the limits.
 *
 * <p>Arguments: JaCoCo's recording, the folder of classes.
 */
final class CoverageLimits {
  private static final double LINES = 0.90;
  private static final double BRANCHES = 0.85;
  private static final int WORST = 15;

  /** Its copies ask it for what tells them apart. */
  private static final String TEMPLATES = "birkhoff/engine/kernel/vector/Specialized";

  private CoverageLimits() {}

  public static void main(String[] arguments) throws IOException {
    var recording = new ExecFileLoader();
    recording.load(new File(arguments[0]));
    var coverage = new CoverageBuilder();
    var analyzer = new Analyzer(recording.getExecutionDataStore(), coverage);
    Path classes = Path.of(arguments[1]);
    List<Path> files;
    try (var walk = Files.walk(classes)) {
      files = walk.filter(f -> f.toString().endsWith(".class")).toList();
    }
    if (files.isEmpty()) {
      throw new IOException(classes + " has no classes");
    }
    for (Path file : files) {
      if (runsAsCopies(file)) {
        System.out.println("not recorded, as only hidden copies of it run: " + file.getFileName());
      } else {
        analyzer.analyzeAll(file.toFile());
      }
    }
    IBundleCoverage engine = coverage.getBundle("engine");
    engine.getPackages().stream()
        .sorted(Comparator.comparing(ICoverageNode::getName))
        .forEach(p -> print(p.getName().replace('/', '.'), p));
    System.out.println("most missed branches:");
    List<IClassCoverage> worst =
        coverage.getClasses().stream()
            .sorted(Comparator.comparing(c -> -c.getBranchCounter().getMissedCount()))
            .limit(WORST)
            .toList();
    worst.forEach(c -> print(c.getName().replace('/', '.'), c));
    print("engine", engine);
    if (engine.getLineCounter().getCoveredRatio() < LINES
        || engine.getBranchCounter().getCoveredRatio() < BRANCHES) {
      System.out.printf(
          Locale.ROOT,
          "coverage is below %.0f %% of lines or %.0f %% of branches%n",
          100 * LINES,
          100 * BRANCHES);
      System.exit(1);
    }
  }

  /**
   * Whether the class is a template: JaCoCo does not see the hidden classes that are made of it.
   */
  private static boolean runsAsCopies(Path file) throws IOException {
    for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
      if (entry instanceof MethodRefEntry method
          && method.owner().asInternalName().equals(TEMPLATES)
          && method.name().equalsString("data")) {
        return true;
      }
    }
    return false;
  }

  private static void print(String name, ICoverageNode node) {
    System.out.printf(
        Locale.ROOT,
        "%-70s lines %s  branches %s%n",
        name,
        ratio(node.getLineCounter()),
        ratio(node.getBranchCounter()));
  }

  private static String ratio(ICounter counter) {
    return counter.getTotalCount() == 0
        ? "    -            "
        : String.format(
            Locale.ROOT,
            "%5.1f %% of %-6d",
            100 * counter.getCoveredRatio(),
            counter.getTotalCount());
  }
}
