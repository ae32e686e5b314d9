package io.tidemark.shard.sim;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// A mistake that somebody might make, as a patch of one source of the core; and the simulation of
/// the core with it.
///
/// @param name the patch's name
/// @param mistake the patch's first line: what is wrong with it
/// @param file the source, from the project's root
/// @param hunks what is to be replaced by what
/// @param knownSeed one that has found it before and is tried first; 0 where the first few do
record PlantedBug(String name, String mistake, String file, List<Hunk> hunks, long knownSeed) {
  private static final Pattern FILE = Pattern.compile("(?m)^\\+\\+\\+ b/(\\S+)$");
  private static final Pattern KNOWN = Pattern.compile("(?m)^Found by seed (\\d+)\\.$");

  /// @param before lines that are in the source once
  record Hunk(String before, String after) {}

  static PlantedBug read(Path patch) throws IOException {
    String text = Files.readString(patch);
    Matcher file = FILE.matcher(text);
    if (!file.find()) {
      throw new IllegalArgumentException(patch + " names no file");
    }
    List<Hunk> hunks = new ArrayList<>();
    for (String hunk : text.substring(file.end()).split("(?m)^@@.*\n", -1)) {
      StringBuilder before = new StringBuilder();
      StringBuilder after = new StringBuilder();
      hunk.lines()
          .filter(l -> !l.isEmpty())
          .forEach(
              line -> {
                String content = line.substring(1) + "\n";
                before.append(line.startsWith("+") ? "" : content);
                after.append(line.startsWith("-") ? "" : content);
              });
      if (!before.isEmpty()) {
        hunks.add(new Hunk(before.toString(), after.toString()));
      }
    }
    String name = patch.getFileName().toString().replaceFirst("\\.patch$", "");
    Matcher known = KNOWN.matcher(text.substring(0, file.start()));
    long seed = known.find() ? Long.parseLong(known.group(1)) : 0;
    return new PlantedBug(name, text.lines().findFirst().orElse(""), file.group(1), hunks, seed);
  }

  /// The source with the mistake. Where lines are is of no matter, as long as they are there once.
  private String applied(Path root) throws IOException {
    String source = Files.readString(root.resolve(file));
    for (Hunk hunk : hunks) {
      int at = source.indexOf(hunk.before());
      if (at < 0 || source.indexOf(hunk.before(), at + 1) >= 0) {
        throw new AssertionError(
            "%s does not apply any more: %s does not have, or has twice,%n%s"
                .formatted(name, file, hunk.before()));
      }
      source =
          source.substring(0, at) + hunk.after() + source.substring(at + hunk.before().length());
    }
    return source;
  }

  /// What the simulation says about the core with this mistake.
  ///
  /// @param seed one that fails; 0 where none does
  record Found(long seed, String invariant) {}

  /// Compiles the source into a folder and runs the simulation over it: the seed that found the
  /// mistake before, and where that does not do it any more, all of them.
  ///
  /// @param classes the compiled core and its tests
  Found find(Path root, Path folder, List<Path> classes, int seeds) throws Exception {
    compile(applied(root), folder);
    List<URL> path = new ArrayList<>(List.of(folder.toUri().toURL()));
    for (Path c : classes) {
      path.add(c.toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> type = loader.loadClass(Failure.class.getName());
      Method first = type.getMethod("first", long.class, int.class);
      Object failure = knownSeed > 0 ? first.invoke(null, knownSeed, 1) : null;
      if (failure == null) {
        failure = first.invoke(null, 1L, seeds);
      }
      return failure == null
          ? new Found(0, "")
          : new Found(
              (Long) type.getMethod("seed").invoke(failure),
              (String) type.getMethod("invariant").invoke(failure));
    }
  }

  private void compile(String source, Path folder) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-d",
            folder.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-proc:none",
            "-nowarn");
    boolean compiled =
        compiler.getTask(null, null, said, options, null, List.of(new Source(file, source))).call();
    if (!compiled) {
      throw new AssertionError(name + " does not compile: " + said.getDiagnostics());
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String content;

    Source(String file, String content) {
      super(URI.create("string:///" + file), Kind.SOURCE);
      this.content = content;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return content;
    }
  }
}
