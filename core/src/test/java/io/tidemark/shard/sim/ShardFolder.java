package io.tidemark.shard.sim;

import io.tidemark.app.EarlierView;
import io.tidemark.shard.sim.disk.SimDisk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A shard's folder on a node's disk, read past the shard's own code: the test's own reading of
/// names and manifests, and what it remembers of how they came about.
final class ShardFolder {
  private static final String MANIFEST = "manifest-";
  private static final String SEGMENT = ".rows";

  private final SimDisk disk;
  private final String path;

  /// What was made of manifests by flipping a bit, by number.
  private final Map<Long, byte[]> damaged = new HashMap<>();

  /// What was read before, by content.
  private final Map<String, Manifest> read = new HashMap<>();

  /// By content of a manifest that a checkpoint has written, what each view in it had missed.
  private final Map<String, Map<String, Missed>> missed = new HashMap<>();

  /// The same of the last manifests of each view: of them is what going back has written.
  private final Map<String, Missed> last = new HashMap<>();

  final PositionsNeverGoBack positions = new PositionsNeverGoBack(this);

  private final Set<String> lostSegments = new HashSet<>();
  private long attempted;
  private boolean unfinished;

  /// Since the last checkpoint; a second time would be beyond the checkpoint before it.
  private boolean isDamaged;

  /// How far the log was trimmed on the word of this folder.
  long trimmed;

  ShardFolder(SimDisk disk, int partition) {
    this.disk = disk;
    this.path = "/data/shards/s/" + partition;
  }

  String path() {
    return path;
  }

  /// What a manifest says.
  ///
  /// @param views by the declared name and definition, the next offset
  /// @param notBefore by name and definition, from when on it answers, if it was filled
  record Manifest(
      long number,
      String text,
      long next,
      Map<String, Long> views,
      Map<String, Long> notBefore,
      List<String> segments) {
    static final Manifest NONE = new Manifest(0, "", 0, Map.of(), Map.of(), List.of());

    static Manifest read(long number, String text) {
      long next = -1;
      Map<String, Long> views = new TreeMap<>();
      Map<String, Long> notBefore = new TreeMap<>();
      String view = "";
      List<String> segments = new ArrayList<>();
      for (String line : text.split("\n", -1)) {
        String[] p = line.split("\t", -1);
        switch (p[0]) {
          case "position" -> next = Long.parseLong(p[1]);
          case "view" -> {
            view = key(p[1], p[2]);
            views.put(view, Long.parseLong(p[4]));
          }
          case "backfill" -> notBefore.put(view, Long.parseLong(p[3]));
          case "segment" -> segments.add(p[1]);
          default -> {}
        }
      }
      if (next < 0 || !text.contains("\ncrc32c\t") || !text.endsWith("\n")) {
        throw new Broken(PositionsNeverGoBack.class, "manifest " + number + " is torn");
      }
      return new Manifest(number, text, next, views, notBefore, segments);
    }
  }

  static String key(String view, String definition) {
    return view.equals(ViewsEqualTheModelAtTheirMark.TABLE)
        ? view
        : EarlierView.declaredName(view) + " " + definition;
  }

  private String file(long number) {
    String digits = Long.toString(number);
    return path + "/" + MANIFEST + "0".repeat(20 - digits.length()) + digits;
  }

  private static List<Long> numbers(List<String> names) {
    return names.stream()
        .filter(n -> n.startsWith(MANIFEST) && !n.endsWith(".tmp"))
        .map(n -> Long.parseLong(n.substring(MANIFEST.length())))
        .sorted()
        .toList();
  }

  List<Long> manifests() {
    return numbers(disk.names(path));
  }

  private boolean isReadable(long number, byte[] content) {
    byte[] broken = damaged.get(number);
    return broken == null || !Arrays.equals(broken, content);
  }

  Manifest manifest(long number) {
    return read(number, disk.content(file(number)));
  }

  private Manifest read(long number, byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    return read.computeIfAbsent(text, t -> Manifest.read(number, t));
  }

  /// The newest manifest that is not damaged.
  Manifest newest() {
    return manifests().reversed().stream()
        .filter(n -> isReadable(n, disk.content(file(n))))
        .findFirst()
        .map(this::manifest)
        .orElse(Manifest.NONE);
  }

  /// The manifests that are readable and would survive a failure of the power, newest first.
  List<Manifest> durable() {
    return numbers(disk.durableNames(path)).reversed().stream()
        .filter(n -> isReadable(n, disk.durable(file(n))))
        .map(n -> read(n, disk.durable(file(n))))
        .toList();
  }

  /// The least position at which a shard may have to begin here, whatever happens.
  long fallback() {
    List<Manifest> durable = durable();
    // One that has gone back is behind the one before it.
    return durable.size() < 2 ? 0 : Math.min(durable.get(0).next(), durable.get(1).next());
  }

  List<String> segments() {
    return disk.names(path + "/segments").stream()
        .map(n -> n.endsWith(SEGMENT) ? n.substring(0, n.length() - SEGMENT.length()) : n)
        .toList();
  }

  /// Those that have gone although nobody has deleted them.
  Set<String> lostSegments() {
    return lostSegments;
  }

  List<String> sortedNames() {
    return disk.sortedNames(path + "/sorted");
  }

  /// Remembers what views had missed in manifests that are new here.
  void remember(Map<String, Missed> byView) {
    for (long number : manifests()) {
      byte[] content = disk.content(file(number));
      if (isReadable(number, content)) {
        String text = new String(content, StandardCharsets.UTF_8);
        if (missed.putIfAbsent(text, Map.copyOf(byView)) == null) {
          last.putAll(byView);
        }
      }
    }
  }

  /// What a view had missed in a manifest; nothing where it is new.
  Optional<Missed> missed(Manifest manifest, String key) {
    Long next = manifest.views().get(key);
    Missed all = missed.getOrDefault(manifest.text(), last).get(key);
    return next == null || all == null ? Optional.empty() : Optional.of(all.below(next));
  }

  /// A checkpoint begins.
  ///
  /// @param next the position that it would make durable
  void attempt(long next) {
    attempted = Math.max(attempted, next);
    unfinished = true;
  }

  /// The log has lost records that the files may know; another damage would be too much.
  void logLost() {
    isDamaged = true;
    positions.logLost();
  }

  /// It has succeeded.
  void succeed() {
    unfinished = false;
    isDamaged = false;
  }

  /// Whether no shard has ever been here: one that has refuses to go on with a gap.
  boolean isNew() {
    return !unfinished && attempted == 0;
  }

  /// Loses a segment of a rollup, where that is survived: what the log has not any more, the table
  /// has, if it keeps events as long as the rollup.
  ///
  /// @param retain how long the table keeps them
  /// @return whether it was done
  boolean loseSegment(RandomGenerator random, Optional<Duration> retain) {
    List<Long> numbers = manifests();
    Manifest newest = newest();
    List<String> rollups =
        newest.segments().stream()
            .filter(s -> newest.views().keySet().stream().anyMatch(v -> isKept(v, s, retain)))
            .toList();
    if (isDamaged || rollups.isEmpty() || newest.number() != numbers.getLast()) {
      return false;
    }
    String lost = rollups.get(random.nextInt(rollups.size()));
    disk.lose(path + "/segments", lost + SEGMENT);
    lostSegments.add(lost);
    isDamaged = true;
    positions.segmentLost(lost.substring(0, lost.indexOf('-')));
    return true;
  }

  private static boolean isKept(String view, String segment, Optional<Duration> retain) {
    if (!segment.startsWith(view.substring(0, Math.max(0, view.indexOf(' '))) + "-")) {
      return false;
    }
    String own = view.substring(view.lastIndexOf("retain=") + "retain=".length());
    return retain.isEmpty()
        || (own.startsWith("Optional[")
            && Duration.parse(own.substring("Optional[".length(), own.length() - 1))
                    .compareTo(retain.get())
                <= 0);
  }

  /// Flips a bit of the newest manifest, as far as the design promises to survive it: the log must
  /// reach back to the checkpoint before, or to its own beginning.
  ///
  /// @return whether it was done
  boolean damage(RandomGenerator random, long logStart) {
    List<Long> numbers = manifests();
    if (isDamaged || numbers.isEmpty() || newest().number() != numbers.getLast()) {
      return false;
    }
    long last = numbers.getLast();
    boolean hasBefore =
        numbers.contains(last - 1) && isReadable(last - 1, disk.content(file(last - 1)));
    // What was trimmed on the word of this folder is to be survived.
    long trimmedByOthers = logStart > trimmed ? logStart : 0;
    if (hasBefore
        ? manifest(last - 1).next() < trimmedByOthers
        : last != 1 || trimmedByOthers > 0) {
      return false;
    }
    isDamaged = true;
    disk.damage(file(last), random);
    damaged.put(last, disk.content(file(last)));
    positions.damaged(last);
    return true;
  }
}
