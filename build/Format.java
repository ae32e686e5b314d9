import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Checks that all Java sources are formatted as google-java-format does it, or formats them.
///
/// Run by the build: `mvn validate` checks, `mvn validate -Dformat=fix` formats.
public final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean fix = args[0].equals("fix");
    Formatter formatter =
        new Formatter(
            JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.GOOGLE).build());
    List<Path> wrong = new ArrayList<>();
    for (String root : List.of("core", "server", "bench", "build")) {
      Path folder = Path.of(args[1]).resolve(root);
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file :
            files
                .filter(f -> f.toString().endsWith(".java"))
                .filter(f -> !f.toString().contains("/target/"))
                .toList()) {
          String source = Files.readString(file);
          String formatted =
              formatter.formatSource(
                  RemoveUnusedImports.removeUnusedImports(
                      ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE)));
          if (!formatted.equals(source)) {
            wrong.add(file);
            if (fix) {
              Files.writeString(file, formatted);
            }
          }
        }
      }
    }
    wrong.forEach(f -> System.out.println((fix ? "formatted " : "not formatted: ") + f));
    if (!fix && !wrong.isEmpty()) {
      System.out.println("run: mvn -N validate -Dformat=fix");
      System.exit(1);
    }
  }
}
