package io.tidemark.shard.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.shard.Shard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The simulation finds bugs: each patch in `src/test/planted-bugs` breaks the core in one way, and
/// some seed fails. `-Dbug=NAME` plants one only, `-Dseeds=N` runs so many seeds at most.
final class PlantedBugsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PATCHES = Path.of("src/test/planted-bugs").toAbsolutePath();
  private static final int SEEDS = 3000;

  @Test
  void everyPlantedBugIsFound(@TempDir Path folder) throws Exception {
    int seeds = Integer.getInteger("seeds", SEEDS);
    String only = System.getProperty("bug", "");
    List<Path> classes = List.of(classesOf(Shard.class), classesOf(PlantedBugsTest.class));
    List<String> missed = new ArrayList<>();
    for (PlantedBug bug : bugs()) {
      if (bug.name().contains(only)) {
        Path patched = Files.createDirectory(folder.resolve(bug.name()));
        PlantedBug.Found found = bug.find(ROOT, patched, classes, seeds);
        String known =
            bug.knownSeed() == 0 || found.seed() == bug.knownSeed() ? "" : "; write it down";
        System.out.printf(
            "%-45s seed %4d  %s%s%n", bug.name(), found.seed(), found.invariant(), known);
        if (found.seed() == 0) {
          missed.add(bug.name());
        }
      }
    }
    assertThat(missed).as("bugs that no seed has found").isEmpty();
  }

  @Test
  void everyPlantedBugIsDescribed() throws IOException {
    String document = Files.readString(ROOT.resolve("docs/testing.md"));
    List<String> described =
        document
            .lines()
            .filter(l -> l.startsWith("| `"))
            .map(l -> l.split("\\|", -1))
            .filter(cells -> Files.exists(PATCHES.resolve(name(cells[1]) + ".patch")))
            .map(cells -> name(cells[1]) + ": " + cells[2].strip())
            .toList();
    assertThat(described)
        .containsExactlyElementsOf(
            bugs().stream().map(b -> b.name() + ": " + b.mistake()).toList());
  }

  private static String name(String cell) {
    return cell.strip().replace("`", "");
  }

  private static List<PlantedBug> bugs() throws IOException {
    List<PlantedBug> bugs = new ArrayList<>();
    try (Stream<Path> patches = Files.list(PATCHES)) {
      for (Path patch : patches.sorted().toList()) {
        bugs.add(PlantedBug.read(patch));
      }
    }
    assertThat(bugs).hasSizeGreaterThanOrEqualTo(10);
    return bugs;
  }

  private static Path classesOf(Class<?> type) throws Exception {
    CodeSource source = Objects.requireNonNull(type.getProtectionDomain().getCodeSource());
    return Path.of(source.getLocation().toURI());
  }
}
