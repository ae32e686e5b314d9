package io.tidemark.bench.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/// The samples of a JFR recording, counted.
public final class Samples {
  /// What stages are told apart by, beside our own packages: the longest prefix decides.
  private static final List<String> LIBRARIES =
      List.of(
          "org.apache.kafka.clients.producer",
          "org.apache.kafka.clients.consumer",
          "org.apache.kafka.streams",
          "org.apache.kafka",
          "kafka",
          "io.helidon",
          "org.rocksdb",
          "org.duckdb");

  private static final String OURS = "io.tidemark.";

  private final Map<String, Integer> stages = new HashMap<>();
  private final Map<String, Integer> methods = new HashMap<>();
  private int count;

  private Samples() {}

  /// @param percent of all samples
  public record Share(String name, double percent) {}

  /// @param from what was sampled before is left out
  public static Samples read(Path recording, Instant from) throws IOException {
    Samples samples = new Samples();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getStartTime().isAfter(from)
            && event.getStackTrace() != null) {
          samples.add(event.getStackTrace().getFrames());
        }
      }
    }
    return samples;
  }

  private void add(List<RecordedFrame> stack) {
    count++;
    String stage = null;
    Set<String> seen = new HashSet<>();
    for (RecordedFrame frame : stack) {
      RecordedMethod method = frame.getMethod();
      String type = method.getType().getName();
      stage = stage == null ? stage(type) : stage;
      // Loops that everything runs in say nothing.
      if (type.startsWith(OURS) && !type.contains(".http.") && !type.contains("$$Lambda")) {
        seen.add(type.substring(type.lastIndexOf('.') + 1) + "." + method.getName());
      }
    }
    stages.merge(stage == null ? "JDK" : stage, 1, Integer::sum);
    seen.forEach(m -> methods.merge(m, 1, Integer::sum));
  }

  private static @Nullable String stage(String type) {
    if (type.startsWith(OURS)) {
      return type.substring(OURS.length(), type.lastIndexOf('.'));
    }
    return LIBRARIES.stream().filter(l -> type.startsWith(l + ".")).findFirst().orElse(null);
  }

  /// Shares of the stages, the largest first.
  public List<Share> byStage() {
    return sorted(stages);
  }

  /// Shares of our methods with what they call, the largest first.
  public List<Share> byMethod() {
    return sorted(methods);
  }

  private List<Share> sorted(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(e -> new Share(e.getKey(), 100.0 * e.getValue() / count))
        .sorted(Comparator.comparingDouble(Share::percent).reversed().thenComparing(Share::name))
        .toList();
  }
}
