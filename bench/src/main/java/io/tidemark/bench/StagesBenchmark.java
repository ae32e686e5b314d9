package io.tidemark.bench;

import io.tidemark.bench.report.Table;
import io.tidemark.bench.report.Target;
import io.tidemark.bench.stage.DiskStages;
import io.tidemark.bench.stage.MemoryStages;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// The stages on an event's way, each alone on one core, by JMH.
final class StagesBenchmark implements Benchmark {
  private static final int WARM_UPS = 3;
  private static final int MEASUREMENTS = 5;

  @Override
  public void run(Run run) throws Exception {
    TimeValue each = TimeValue.milliseconds(run.sizes().seconds * 1000L / 20);
    List<String> options =
        new ArrayList<>(Files.readAllLines(run.root().resolve("server/jvm.options")));
    options.removeIf(line -> line.startsWith("#") || line.isBlank());
    options.add("-Dtidemark.home=" + run.root());
    List<RunResult> results =
        new ArrayList<>(
            new Runner(
                    new OptionsBuilder()
                        .include(MemoryStages.class.getName())
                        .include(DiskStages.class.getName())
                        .mode(Mode.AverageTime)
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .forks(1)
                        .warmupIterations(WARM_UPS)
                        .warmupTime(each)
                        .measurementIterations(MEASUREMENTS)
                        .measurementTime(each)
                        .jvmArgs(options.toArray(String[]::new))
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true)
                        .build())
                .run());
    results.sort(Comparator.comparing(r -> r.getParams().getBenchmark()));
    Table table =
        run.report()
            .table("Stages, each alone on one core", "stage", "ns", "± (99.9 %)", "per second");
    for (RunResult result : results) {
      Result<?> score = result.getPrimaryResult();
      table.add(
          words(score.getLabel()),
          Target.number(score.getScore()),
          Target.number(score.getScoreError()),
          Target.number(1e9 / score.getScore()));
    }
    table.note(
        "By JMH. Per event; of questions (ask …) per answer with about ten tags. Writing segments does not contain forcing"
            + " them to the disk.");
  }

  /// `parse validate encode` of `parseValidateEncode`.
  private static String words(String name) {
    return name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
  }
}
