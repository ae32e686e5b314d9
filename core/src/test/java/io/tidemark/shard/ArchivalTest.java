package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.archive.ArchiveCache;
import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.MemoryObjectStore;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ShardArchive;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.EventQuery;
import io.tidemark.table.FileSum;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What copies of a shard make of the archive that they share.
final class ArchivalTest {
  private static final long MINUTE = 60_000_000L;
  private static final int EVENTS = 400;

  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("key", FieldType.STRING, true)));

  @TempDir private Path folder;
  private final MemoryObjectStore objects = new MemoryObjectStore();
  private final ListLog log = new ListLog();
  private List<ViewSpec> views = List.of();

  private static StreamSpec stream(boolean archived) {
    return new StreamSpec(
        "s",
        1,
        TYPE,
        "{}",
        0,
        List.of(1),
        Optional.empty(),
        Optional.empty(),
        archived ? Optional.of(Duration.ofHours(1)) : Optional.empty(),
        1,
        0,
        Duration.ofDays(1));
  }

  /// A node's copy of the shard.
  private Shard open(String node, boolean declared, boolean archive) throws IOException {
    Path data = folder.resolve(node);
    ArchiveCache cache = ArchiveCache.open(objects, data.resolve("cache"), 1 << 20, Runnable::run);
    ShardSpec spec = new ShardSpec(stream(declared), views, 0, ShardSpec.Limits.DEFAULT);
    FolderStorage storage =
        FolderStorage.open(
            data.resolve("shard"),
            new PlainFiles(),
            PlainFiles::openSorted,
            archive
                ? Optional.of(new ShardArchive(spec.id(), objects, cache, new PlainFiles()))
                : Optional.empty());
    try {
      return Shard.open(spec, storage, log, false);
    } catch (IOException e) {
      storage.close();
      throw e;
    }
  }

  private Shard open(String node) throws IOException {
    return open(node, true, true);
  }

  /// An event a minute.
  private void append(int count) {
    for (int i = 0; i < count; i++) {
      append(log.size() * MINUTE);
    }
  }

  private void append(long timeMicros) {
    EventRow row = new EventRow(TYPE);
    row.setWord(0, timeMicros);
    row.setText(1, "k");
    log.append(row);
  }

  private void apply(Shard shard) throws IOException {
    log.applyTo(shard);
    shard.publish();
    Checkpoint.Report _ = shard.beginCheckpoint().run();
  }

  /// Takes steps until there is none to be taken.
  private static void archive(Shard shard, boolean puts) throws IOException {
    while (true) {
      Optional<ArchiveStep> step = shard.archival().orElseThrow().begin(puts);
      if (step.isEmpty() || step.get().run().isEmpty()) {
        return;
      }
    }
  }

  private static List<Long> offsets(Shard shard) throws IOException {
    EventQuery all = new EventQuery(-(1L << 60), 1L << 60, List.of(), 10_000, null);
    return EventAnswer.of(List.of(shard), all).newest().stream()
        .map(StoredEvent::offset)
        .sorted()
        .toList();
  }

  private List<Long> all() {
    return java.util.stream.LongStream.range(0, log.size()).boxed().toList();
  }

  /// An owner whose oldest hours are in the archive only.
  private Shard owner() throws IOException {
    Shard owner = open("owner");
    append(EVENTS);
    apply(owner);
    append(10);
    apply(owner);
    archive(owner, true);
    append(10);
    apply(owner);
    return owner;
  }

  private static long rowsHere(Shard shard) {
    return shard.manifest().view(Manifest.TABLE).segments().stream()
        .mapToLong(Manifest.SegmentRef::rows)
        .sum();
  }

  @Test
  void whatIsInTheArchiveIsNoLongerHereAndStillAnswered() throws IOException {
    try (Shard owner = owner()) {
      // The hour that has not ended is not there.
      assertThat(owner.archival().orElseThrow().next()).isEqualTo(360);
      assertThat(rowsHere(owner)).isEqualTo(EVENTS + 20);
      append(60);
      apply(owner);
      archive(owner, true);
      append(10);
      apply(owner);
      archive(owner, true);
      append(10);
      apply(owner);
      assertThat(owner.archival().orElseThrow().next()).isEqualTo(420);
      assertThat(rowsHere(owner)).isLessThan(EVENTS);
      assertThat(owner.manifest().archived().below()).isPositive();
      assertThat(offsets(owner)).isEqualTo(all());
      assertThat(VerificationTest.verify(owner, Verification.TABLE).different()).isZero();
    }
  }

  @Test
  void aCopyThatComesLaterAnswersWhatTheLogHasForgotten() throws IOException {
    try (Shard owner = owner()) {
      archive(owner, true);
    }
    log.trim(330);
    try (Shard copy = open("copy")) {
      apply(copy);
      append(5);
      apply(copy);
      assertThat(offsets(copy)).first().isEqualTo(330L);
      archive(copy, false);
      append(5);
      apply(copy);
      assertThat(offsets(copy)).isEqualTo(all());
    }
  }

  @Test
  void aCopyThatComesLaterFillsItsViewsWithWhatTheLogHasForgotten() throws IOException {
    try (Shard owner = owner()) {
      archive(owner, true);
    }
    log.trim(330);
    Measure count = new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0);
    RollupSpec perHour =
        new RollupSpec(
            "hours",
            "s",
            Duration.ofHours(1),
            List.of(),
            List.of(),
            List.of(count),
            Optional.empty());
    views = List.of(perHour, new TimelineSpec("keys", "s", 1, -1, 10_000, Optional.empty()));
    try (Shard copy = open("copy")) {
      apply(copy);
      RollupQuery all =
          new RollupQuery(0, 1L << 60, 3_600_000_000L, List.of(), List.of(), List.of(0), 10_000);
      assertThatThrownBy(() -> RollupAnswer.of(List.of(copy), "hours", all))
          .isInstanceOf(FillingException.class);
      assertThat(copy.backfilling().begin()).as("before the archive is known").isEmpty();
      append(5);
      apply(copy);
      archive(copy, false);
      append(5);
      apply(copy);
      while (!copy.backfilling().progress().isEmpty()) {
        Optional<BackfillStep> step = copy.backfilling().begin();
        if (step.isPresent()) {
          BackfillStep.Report _ = step.get().run();
        } else {
          apply(copy);
        }
      }
      Groups hours = RollupAnswer.of(List.of(copy), "hours", all).groups();
      long counted = 0;
      for (int g = 0; g < hours.count(); g++) {
        counted += Objects.requireNonNull(hours.result(g, 0)).longValue();
      }
      assertThat(counted).isEqualTo(log.size());
      TimelineQuery key =
          new TimelineQuery(
              "k".getBytes(StandardCharsets.UTF_8), -(1L << 60), 1L << 60, List.of(), 10_000);
      List<Long> offsets =
          copy.timeline("keys", key).value().values().stream()
              .flatMap(List::stream)
              .map(StoredEvent::offset)
              .sorted()
              .toList();
      assertThat(offsets).isEqualTo(all());
    }
  }

  @Test
  void aCopyBelievesTheArchiveOnlyWhereItHasTheSameRows() throws IOException {
    try (Shard owner = owner()) {
      archive(owner, true);
    }
    // The same offsets, and in one of them another event.
    EventRow row = new EventRow(TYPE);
    row.setWord(0, 7 * MINUTE + 1);
    row.setText(1, "k");
    log.replace(7, row);
    try (Shard copy = open("copy")) {
      apply(copy);
      append(5);
      apply(copy);
      ArchiveStep step = copy.archival().orElseThrow().begin(false).orElseThrow();
      assertThatThrownBy(step::run)
          .isInstanceOf(ArchiveRefusedException.class)
          .hasMessageContaining("60 rows of offsets 0 to 60")
          .hasMessageContaining("tidemark verify");
      append(5);
      apply(copy);
      assertThat(copy.manifest().archived()).isEqualTo(Archived.NOTHING);
      assertThat(offsets(copy)).isEqualTo(all());
    }
  }

  @Test
  void aBatchOfVeryManyHoursIsSeveral() throws IOException {
    try (Shard owner = open("owner")) {
      // The newest hour first, and then the past, an event each hour: no later hour ends it.
      int hours = 2 * ArchivePolicy.MAX_FILES + 10;
      append(hours * 60 * MINUTE);
      for (int hour = 0; hour < hours; hour++) {
        append(hour * 60 * MINUTE);
      }
      append((hours + 1) * 60 * MINUTE);
      apply(owner);
      append(1);
      apply(owner);
      Archival archival = owner.archival().orElseThrow();
      assertThat(archival.begin(true).orElseThrow().run().files())
          .isEqualTo(ArchivePolicy.MAX_FILES);
      archive(owner, true);
      assertThat(archival.next()).isEqualTo(hours + 1);
      assertThat(offsets(owner)).isEqualTo(all());
    }
  }

  @Test
  void whatAnEarlierTryHasLeftGoes() throws IOException {
    append(EVENTS);
    Path rest = folder.resolve("rest");
    Files.writeString(rest, "of another program");
    String hour = "stream=s/date=1970-01-01/hour=00/";
    String left = hour + "00000-%020d-%020d-00000000.rows".formatted(0, 30);
    boolean _ = objects.put(new ObjectKey(left), rest, FileSum.of(rest));
    String ofOthers = hour + "00001-%020d-%020d-00000000.rows".formatted(0, 30);
    boolean _ = objects.put(new ObjectKey(ofOthers), rest, FileSum.of(rest));
    try (Shard owner = open("owner")) {
      apply(owner);
      append(10);
      apply(owner);
      archive(owner, true);
    }
    List<String> there = new ArrayList<>();
    objects.list(hour, "", found -> there.add(found.key().text()));
    assertThat(there).hasSize(2).contains(ofOthers).doesNotContain(left);
  }

  @Test
  void twoOwnersPutEachBatchOnce() throws IOException {
    append(EVENTS);
    try (Shard one = open("one");
        Shard other = open("other")) {
      apply(one);
      apply(other);
      append(10);
      apply(one);
      apply(other);
      Archival first = one.archival().orElseThrow();
      Archival second = other.archival().orElseThrow();
      for (int step = 0; step < 6; step++) {
        ArchiveStep.Report put = first.begin(true).orElseThrow().run();
        assertThat(put.rows()).isEqualTo(60);
        ArchiveStep.Report learnt = second.begin(true).orElseThrow().run();
        assertThat(learnt.rows()).isZero();
        assertThat(learnt.next()).isEqualTo(put.next());
      }
    }
  }

  @Test
  void aShardWhoseEventsAreInAnArchiveNeedsIt() throws IOException {
    try (Shard owner = owner()) {
      for (int i = 0; i < 4; i++) {
        append(60);
        apply(owner);
        archive(owner, true);
      }
      assertThat(owner.manifest().archived().below()).isPositive();
    }
    assertThatThrownBy(() -> open("owner", true, false))
        .isInstanceOf(IncompatibleStateException.class)
        .hasMessageContaining("--archive");
    // Where it is not to be archived any more, what is there is still answered.
    try (Shard owner = open("owner", false, true)) {
      assertThat(owner.archival()).isEmpty();
      assertThat(offsets(owner)).isEqualTo(all());
      append(5);
      apply(owner);
      assertThat(offsets(owner)).isEqualTo(all());
    }
  }
}
