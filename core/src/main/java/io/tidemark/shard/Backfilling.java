package io.tidemark.shard;

import io.tidemark.shard.Manifest.Backfill;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Fills views that were declared when their stream had events already, beside everything else.
///
/// Such a view takes part in applying and checkpoints from the position where it began; what was
/// there before that comes from the table, wherever the table has it, some records after the other
/// ([BackfillStep]). Checkpoints take what has been done, and with the last of it the view begins
/// to answer: it has each event of the table once then. What a crash leaves behind is done again,
/// and comes to the same.
///
/// Steps are taken by one thread at a time.
public final class Backfilling {
  /// After how many steps a checkpoint takes what has been done.
  private static final int STEPS = 16;

  /// How many records a step is of at least at first, and at most; a segment of a rollup is made of
  /// each.
  private static final int FIRST_SPAN = 1 << 10;

  private static final int MAX_SPAN = 1 << 18;

  /// How much larger a row is in memory than in a file, at most, mostly.
  private static final int LARGER_IN_MEMORY = 16;

  /// How much memory the rows of a step have at most, about.
  private static final long MAX_BYTES = 64 << 20;

  private final Shard shard;
  private final EarlierViews earlier;
  private final int maxSpan;
  private final long maxBytes;

  /// How many records the next step is of; 0 before the first one.
  private int span;

  /// By view, what no checkpoint has taken yet.
  private final Map<String, Done> done = new ConcurrentHashMap<>();

  private volatile @Nullable BackfillStep running;

  Backfilling(Shard shard, EarlierViews earlier) {
    this.shard = shard;
    this.earlier = earlier;
    this.maxSpan = Math.min(MAX_SPAN, shard.spec().limits().tailRows());
    this.maxBytes = Math.min(MAX_BYTES, shard.spec().limits().tailBytes());
  }

  /// The views that those which are being filled have taken the place of.
  public EarlierViews earlier() {
    return earlier;
  }

  /// How many records a step is of.
  ///
  /// @param files that it reads
  int span(List<SegmentRef> files) {
    if (span == 0) {
      long rows = files.stream().mapToLong(SegmentRef::rows).sum();
      long bytes = files.stream().mapToLong(f -> f.sum().bytes()).sum();
      long fitting = maxBytes / Math.max(1, LARGER_IN_MEMORY * bytes / Math.max(1, rows));
      span = (int) Math.min(maxSpan, Math.max(FIRST_SPAN, fitting));
    }
    return span;
  }

  long maxBytes() {
    return maxBytes;
  }

  /// Chooses how many records the next step is of: as many as have room.
  ///
  /// @param full whether the last one's rows had none
  /// @param bytes that they have
  void adapt(boolean full, long bytes) {
    if (full) {
      span = Math.max(1, span / 4);
    } else if (bytes < maxBytes / 4) {
      span = Math.min(maxSpan, 2 * span);
    }
  }

  /// What has been done for a view.
  ///
  /// @param backfill how far it has come
  /// @param segments that no checkpoint has taken yet
  /// @param steps that no checkpoint has taken yet
  record Done(Backfill backfill, List<SegmentRef> segments, int steps) {
    Done {
      segments = List.copyOf(segments);
    }

    Done plus(Backfill reached, Optional<SegmentRef> segment) {
      List<SegmentRef> all = new ArrayList<>(segments);
      segment.ifPresent(all::add);
      return new Done(reached, all, steps + 1);
    }

    Done without(Done taken) {
      return new Done(
          backfill, segments.subList(taken.segments.size(), segments.size()), steps - taken.steps);
    }
  }

  /// How far a view has come.
  ///
  /// @param records how many of those that were there before it have been looked at
  /// @param of how many there are
  /// @param hasEarlier whether the view that it takes the place of answers meanwhile
  public record Progress(String view, long records, long of, boolean hasEarlier) {}

  /// The views that are being filled.
  public List<Progress> progress() {
    Manifest manifest = shard.manifest();
    return unfilled(manifest).entrySet().stream()
        .map(
            e ->
                new Progress(
                    e.getKey(),
                    e.getValue().next(),
                    e.getValue().to(),
                    manifest.earlier(e.getKey()).isPresent()))
        .toList();
  }

  /// How many records are left for the views that are behind, all together.
  public long left() {
    return progress().stream().mapToLong(p -> p.of() - p.records()).sum();
  }

  /// Takes a step; nothing where there is none to be taken just now.
  ///
  /// @return what does it; to be run by the same thread before this is called again. It must have
  ///   ended before the shard is closed
  public Optional<BackfillStep> begin() {
    earlier.wake();
    Manifest manifest = shard.manifest();
    Map<String, Backfill> unfilled = unfilled(manifest);
    unfilled.values().removeIf(Backfill::isDone);
    if (unfilled.isEmpty()) {
      return Optional.empty();
    }
    // Those that are behind come first; the others join them.
    long from = unfilled.values().stream().mapToLong(Backfill::next).min().orElseThrow();
    unfilled.values().removeIf(b -> b.next() > from);
    boolean archiveKnown = shard.archival().filter(a -> !a.isCaughtUp(manifest)).isEmpty();
    if (from >= manifest.view(Manifest.TABLE).next() || !archiveKnown) {
      // The table itself is being mended, or learns what it has in the archive.
      return Optional.empty();
    }
    BackfillStep step = new BackfillStep(this, shard, from, Map.copyOf(unfilled));
    running = step;
    return Optional.of(step);
  }

  /// How far the views have come that are not filled as far as a manifest says.
  private Map<String, Backfill> unfilled(Manifest manifest) {
    Map<String, Backfill> unfilled = new LinkedHashMap<>();
    for (ViewState view : manifest.views()) {
      if (!view.backfill().isDone()) {
        Done known = done.get(view.name());
        unfilled.put(view.name(), known == null ? view.backfill() : known.backfill());
      }
    }
    return unfilled;
  }

  /// A view has come further.
  void reached(String view, Backfill backfill, Optional<SegmentRef> segment) {
    Done none = new Done(backfill, List.of(), 0);
    done.merge(view, none.plus(backfill, segment), (known, _) -> known.plus(backfill, segment));
  }

  void ended(BackfillStep step) {
    if (step.equals(running)) {
      running = null;
    }
  }

  /// Whether a checkpoint with nothing else to do is to take what has been done.
  boolean isDue() {
    return isComplete()
        || earlier.isDue()
        || done.values().stream().anyMatch(d -> d.steps() >= STEPS);
  }

  /// Whether some view answers as soon as a checkpoint takes what has been done.
  boolean isComplete() {
    return done.values().stream().anyMatch(d -> d.steps() > 0 && d.backfill().isDone());
  }

  /// What a checkpoint is to take.
  Map<String, Done> done() {
    return Map.copyOf(done);
  }

  /// A checkpoint has taken it.
  void taken(Map<String, Done> some) {
    some.forEach((view, taken) -> done.computeIfPresent(view, (_, d) -> d.without(taken)));
  }

  /// What no checkpoint may delete, although no manifest names it.
  Set<String> files() {
    BackfillStep now = running;
    Set<String> files =
        done.values().stream()
            .flatMap(d -> d.segments().stream())
            .map(SegmentRef::name)
            .collect(Collectors.toSet());
    if (now != null) {
      files.addAll(now.files());
    }
    return files;
  }
}
