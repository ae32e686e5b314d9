package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.archive.ArchiveCache;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.MemoryObjectStore;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.ShardArchive;
import io.tidemark.archive.StoredObject;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.table.EventQuery;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A key is erased whose events are in the archive.
final class ArchiveErasureTest {
  private static final long MINUTE = 60_000_000L;
  private static final int KEYS = 4;
  private static final String ERASED = "key-2";

  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("time", FieldType.TIMESTAMP, true),
              new Field("key", FieldType.STRING, true)));

  @TempDir private Path folder;
  private final MemoryObjectStore objects = new MemoryObjectStore();
  private final Way way = new Way();
  private final ListLog log = new ListLog();
  private final Set<Long> gone = new TreeSet<>();
  private Optional<Duration> retain = Optional.empty();

  /// The way to the archive, which may be cut.
  private final class Way implements ObjectStore {
    /// After so many calls it is cut.
    private int callsLeft = Integer.MAX_VALUE;

    /// Whether the last call that went through has done something.
    private boolean cutsBehind;

    /// What others do before something is put, once.
    private @Nullable Deed beforePut;

    private interface Deed {
      void act() throws IOException;
    }

    private interface Call<T> {
      T call() throws IOException;
    }

    private <T> T over(Call<T> call) throws IOException {
      if (callsLeft > 0 || (callsLeft == 0 && cutsBehind)) {
        T result = call.call();
        if (callsLeft-- > 0) {
          return result;
        }
      }
      callsLeft = -1;
      throw new ArchiveUnavailableException("the way is cut", null);
    }

    @Override
    public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
      Deed deed = beforePut;
      beforePut = null;
      if (deed != null) {
        deed.act();
      }
      return over(() -> objects.put(key, file, sum));
    }

    @Override
    public void putBytes(ObjectKey key, byte[] content) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] getBytes(ObjectKey key) throws IOException {
      return over(() -> objects.getBytes(key));
    }

    @Override
    public void get(ObjectKey key, Path file, FileSum sum) throws IOException {
      boolean _ =
          over(
              () -> {
                objects.get(key, file, sum);
                return true;
              });
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void list(String prefix, String after, Visitor visitor) throws IOException {
      boolean _ =
          over(
              () -> {
                objects.list(prefix, after, visitor);
                return true;
              });
    }

    @Override
    public void delete(ObjectKey key) throws IOException {
      boolean _ =
          over(
              () -> {
                objects.delete(key);
                return true;
              });
    }

    @Override
    public int tidy(long beforeMs) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private Path cache(String node) {
    return folder.resolve(node).resolve("cache");
  }

  private Shard open(String node) throws IOException {
    StreamSpec stream =
        new StreamSpec(
            "s",
            1,
            TYPE,
            "{}",
            0,
            List.of(1),
            Optional.empty(),
            retain,
            Optional.of(Duration.ofHours(1)),
            1,
            0,
            Duration.ofDays(1));
    ShardSpec spec = new ShardSpec(stream, List.of(), 0, ShardSpec.Limits.DEFAULT);
    ArchiveCache cache = ArchiveCache.open(way, cache(node), 1 << 20, Runnable::run);
    FolderStorage storage =
        FolderStorage.open(
            folder.resolve(node).resolve("shard"),
            new PlainFiles(),
            PlainFiles::openSorted,
            Optional.of(new ShardArchive(spec.id(), way, cache, new PlainFiles())));
    try {
      return Shard.open(spec, storage, log, false);
    } catch (IOException e) {
      storage.close();
      throw e;
    }
  }

  /// An event a minute.
  private void append(int count) {
    for (int i = 0; i < count; i++) {
      appendAt(log.size());
    }
  }

  private void appendAt(long minute) {
    EventRow row = new EventRow(TYPE);
    row.setWord(0, minute * MINUTE);
    row.setText(1, "key-" + log.size() % KEYS);
    log.append(row);
  }

  private void erase(String key) {
    for (long offset = 0; offset < log.size(); offset++) {
      if (log.value(offset).length == 0 || ("key-" + offset % KEYS).equals(key)) {
        gone.add(offset);
      }
    }
    gone.add(log.size());
    log.erase(key.getBytes(StandardCharsets.UTF_8));
  }

  private void apply(Shard shard) throws IOException {
    while (!log.appliesTo(shard)) {
      shard.publish();
      checkpoint(shard);
    }
    shard.publish();
  }

  private static void checkpoint(Shard shard) throws IOException {
    Checkpoint.Report _ = shard.beginCheckpoint().run();
  }

  /// What a node does in the background, once; false where there is nothing to do.
  private static boolean work(Shard shard, boolean owns) throws IOException {
    Optional<ArchiveStep> puts = shard.archival().orElseThrow().begin(owns);
    if (puts.isPresent() && !puts.get().run().isEmpty()) {
      return true;
    }
    Optional<ArchiveErasureStep> step = shard.archiveErasing().orElseThrow().begin(owns);
    if (step.isPresent() && step.get().run().isDone()) {
      return true;
    }
    Optional<ErasureStep> here = shard.erasing().begin();
    if (here.isPresent()) {
      ErasureStep.Report _ = here.get().run();
      return true;
    }
    boolean due = shard.wantsCheckpoint(0);
    if (due) {
      checkpoint(shard);
    }
    return due;
  }

  private static void settle(Shard shard, boolean owns) throws IOException {
    int rounds = 0;
    while (work(shard, owns)) {
      assertThat(rounds++).isLessThan(100);
    }
  }

  /// A copy with twelve hours of events, most of which are in the archive only.
  private Shard owner() throws IOException {
    Shard owner = open("owner");
    fill(owner);
    return owner;
  }

  /// Copies that have all of them; the first one is the owner.
  private void fill(Shard... copies) throws IOException {
    for (int hours = 0; hours < 12; hours++) {
      append(60);
      for (Shard shard : copies) {
        apply(shard);
        checkpoint(shard);
        settle(shard, shard.equals(copies[0]));
      }
    }
    for (Shard shard : copies) {
      assertThat(shard.manifest().archived().below()).isGreaterThan(500);
    }
  }

  private static List<Long> offsets(Shard shard) throws IOException {
    EventQuery all = new EventQuery(-(1L << 60), 1L << 60, List.of(), 10_000, null);
    return EventAnswer.of(List.of(shard), all).newest().stream()
        .map(StoredEvent::offset)
        .sorted()
        .toList();
  }

  private List<Long> expected() {
    return LongStream.range(0, log.size()).filter(o -> !gone.contains(o)).boxed().toList();
  }

  private static boolean hasKey(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1).contains(ERASED);
  }

  private List<String> keys(String prefix) throws IOException {
    List<String> keys = new ArrayList<>();
    objects.list(prefix, "", found -> keys.add(found.key().text()));
    return keys;
  }

  /// Whether some object, or what a node has fetched, has the key.
  private boolean isAnywhere(String node) throws IOException {
    boolean any = !keysWithIt().isEmpty();
    try (Stream<Path> files = Files.walk(folder.resolve(node))) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        any |= hasKey(Files.readAllBytes(file));
      }
    }
    return any;
  }

  private List<String> keysWithIt() throws IOException {
    List<String> with = new ArrayList<>();
    for (String key : keys("")) {
      if (hasKey(objects.getBytes(new ObjectKey(key)))) {
        with.add(key);
      }
    }
    return with;
  }

  private static void nothingElseIsThere(List<String> files, Shard shard) {
    assertThat(files)
        .containsExactlyInAnyOrderElementsOf(
            shard.manifest().archived().files().stream().map(Manifest.SegmentRef::name).toList());
  }

  @Test
  void noAnswerHasItFromThenOnAndNoObjectInTheEnd() throws IOException {
    try (Shard owner = owner()) {
      assertThat(offsets(owner)).isEqualTo(expected());
      erase(ERASED);
      apply(owner);
      assertThat(offsets(owner)).isEqualTo(expected());
      assertThat(isAnywhere("owner")).isTrue();
      while (work(owner, true)) {
        assertThat(offsets(owner)).isEqualTo(expected());
        boolean isDone = owner.erasing().receipts().getFirst().isDone();
        assertThat(isDone && isAnywhere("owner")).isFalse();
      }
      Erasing.Receipt receipt = owner.erasing().receipts().getFirst();
      assertThat(receipt.isDone()).isTrue();
      // What has not come to the end of its hour is put with the erasure, without its events.
      assertThat(receipt.erasure().archivedEvents()).isEqualTo(150);
      assertThat(receipt.erasure().archivedFiles()).isEqualTo(10);
      assertThat(receipt.erasure().minTime()).isEqualTo(2 * MINUTE);
      assertThat(isAnywhere("owner")).isFalse();
      nothingElseIsThere(keys("stream="), owner);
      assertThat(VerificationTest.verify(owner, Verification.TABLE).told()).isEmpty();
    }
    try (Shard again = open("owner")) {
      assertThat(offsets(again)).isEqualTo(expected());
      settle(again, true);
      assertThat(again.erasing().pending()).isZero();
    }
  }

  @Test
  void whoMissesAFileFindsWhatHasTakenItsPlace() throws IOException {
    try (Shard owner = open("owner");
        Shard copy = open("copy")) {
      fill(owner, copy);
      erase(ERASED);
      apply(owner);
      settle(owner, true);
      // It has what the archive had, and does not know of the erasure: part of its answer has gone.
      assertThatThrownBy(() -> offsets(copy)).isInstanceOf(ObjectMissingException.class);
      apply(copy);
      assertThat(offsets(copy)).isEqualTo(expected());
      assertThat(copy.erasing().receipts().getFirst().isDone()).isFalse();
      settle(copy, false);
      assertThat(copy.erasing().receipts().getFirst().isDone()).isTrue();
      assertThat(copy.erasing().known().getFirst().archivedEvents()).isEqualTo(150);
      assertThat(offsets(copy)).isEqualTo(expected());
      assertThat(isAnywhere("copy")).isFalse();
    }
  }

  @Test
  void aCopyThatIsMadeWhenTheLogHasForgottenAllLearnsOfItFromTheArchive() throws IOException {
    try (Shard owner = owner()) {
      erase(ERASED);
      apply(owner);
      // As long as the archive has it, the log tells of it.
      assertThat(owner.logMayStartAt()).isLessThanOrEqualTo(720);
      settle(owner, true);
      append(130);
      apply(owner);
      checkpoint(owner);
      append(10);
      apply(owner);
      checkpoint(owner);
      assertThat(owner.logMayStartAt()).isGreaterThan(720);
      settle(owner, true);
    }
    log.trim(800);
    try (Shard copy = open("copy")) {
      apply(copy);
      checkpoint(copy);
      append(10);
      apply(copy);
      checkpoint(copy);
      settle(copy, false);
      append(10);
      apply(copy);
      checkpoint(copy);
      assertThat(offsets(copy)).isEqualTo(expected());
    }
  }

  @Test
  void whateverCallOfTheArchiveIsTheLastItIsDoneLater() throws IOException {
    List<Integer> cuts = new ArrayList<>();
    try (Shard owner = owner()) {
      erase(ERASED);
      apply(owner);
    }
    for (int calls = 0; cuts.size() < 2; calls++) {
      for (boolean behind : List.of(false, true)) {
        try (Shard owner = open("owner")) {
          apply(owner);
          way.callsLeft = calls;
          way.cutsBehind = behind;
          settle(owner, true);
          cuts.add(calls);
        } catch (ArchiveUnavailableException _) {
          // The process ends here.
        }
        way.callsLeft = Integer.MAX_VALUE;
        try (Shard owner = open("owner")) {
          apply(owner);
          assertThat(offsets(owner)).as("after %d calls", calls).isEqualTo(expected());
        }
      }
    }
    try (Shard owner = open("owner")) {
      apply(owner);
      settle(owner, true);
      assertThat(owner.erasing().receipts().getFirst().isDone()).isTrue();
      assertThat(owner.erasing().known().getFirst().archivedEvents()).isEqualTo(150);
      assertThat(owner.archival().orElseThrow().sweep()).isZero();
      nothingElseIsThere(keys("stream="), owner);
      assertThat(isAnywhere("owner")).isFalse();
    }
  }

  @Test
  void anArchiveThatIsAwayLeavesItPending() throws IOException {
    try (Shard owner = owner()) {
      erase(ERASED);
      apply(owner);
      checkpoint(owner);
      offsets(owner);
      way.callsLeft = 0;
      assertThatThrownBy(() -> settle(owner, true)).isInstanceOf(ArchiveUnavailableException.class);
      assertThat(owner.erasing().pending()).isOne();
      append(5);
      apply(owner);
      // What was fetched before is still answered.
      assertThat(offsets(owner)).isEqualTo(expected());
      way.callsLeft = Integer.MAX_VALUE;
      settle(owner, true);
      assertThat(owner.erasing().pending()).isZero();
    }
  }

  @Test
  void filesThatAreDamagedHoldUpNothingButTheirBatches() throws IOException {
    try (Shard owner = owner()) {
      // A batch with files of two hours.
      for (int i = 0; i < KEYS; i++) {
        appendAt(60L * 9 + i);
      }
      for (int hours = 0; hours < 3; hours++) {
        append(60);
        apply(owner);
        checkpoint(owner);
        settle(owner, true);
      }
      List<Manifest.SegmentRef> files = owner.manifest().archived().files();
      List<Manifest.SegmentRef> ofTwo =
          files.stream()
              .filter(f -> files.stream().filter(o -> o.from() == f.from()).count() == 2)
              .toList();
      assertThat(ofTwo).hasSize(2);
      Map<ObjectKey, byte[]> spoilt = new LinkedHashMap<>();
      for (String name :
          List.of(
              files.get(0).name(), files.get(4).name(), files.get(7).name(), ofTwo.get(1).name())) {
        ObjectKey key = new ObjectKey(name);
        spoilt.put(key, objects.getBytes(key));
        objects.putBytes(key, new byte[objects.getBytes(key).length]);
      }
      objects.delete(new ObjectKey(files.get(7).name()));
      erase(ERASED);
      apply(owner);
      assertThatThrownBy(() -> settle(owner, true))
          .isInstanceOf(ArchiveUnavailableException.class)
          .hasMessageContaining("cannot be removed from 5 files");
      List<String> left = keysWithIt();
      assertThat(left).containsExactly(ofTwo.get(0).name());
      assertThat(owner.erasing().pending()).isOne();
      for (Map.Entry<ObjectKey, byte[]> one : spoilt.entrySet()) {
        objects.putBytes(one.getKey(), one.getValue());
      }
      settle(owner, true);
      assertThat(owner.erasing().pending()).isZero();
      assertThat(offsets(owner)).isEqualTo(expected());
      assertThat(isAnywhere("owner")).isFalse();
      nothingElseIsThere(keys("stream="), owner);
    }
  }

  @Test
  void ofTwoWhoDoItAtOnceOneIsTooLate() throws IOException {
    try (Shard one = open("one");
        Shard other = open("other")) {
      fill(one, other);
      erase(ERASED);
      for (Shard shard : List.of(one, other)) {
        apply(shard);
        checkpoint(shard);
      }
      ArchiveErasureStep first = one.archiveErasing().orElseThrow().begin(true).orElseThrow();
      ArchiveErasureStep second = other.archiveErasing().orElseThrow().begin(true).orElseThrow();
      assertThat(first.run().events()).isEqualTo(150);
      assertThat(second.run().events()).isZero();
      settle(one, true);
      settle(other, true);
      for (Shard shard : List.of(one, other)) {
        assertThat(shard.erasing().receipts().getFirst().isDone()).isTrue();
        assertThat(shard.erasing().known().getFirst().archivedEvents()).isEqualTo(150);
        assertThat(offsets(shard)).isEqualTo(expected());
      }
      assertThat(isAnywhere("one")).isFalse();
      assertThat(isAnywhere("other")).isFalse();
      nothingElseIsThere(keys("stream="), one);
    }
  }

  @Test
  void whatIsPutOnceMoreByWhoDoesNotKnowIsSwept() throws IOException {
    try (Shard owner = owner()) {
      Manifest.SegmentRef old = owner.manifest().archived().files().getFirst();
      Path again = folder.resolve("again");
      Files.write(again, objects.getBytes(new ObjectKey(old.name())));
      erase(ERASED);
      apply(owner);
      settle(owner, true);
      boolean _ = objects.put(new ObjectKey(old.name()), again, old.sum());
      String begun =
          old.name().replaceFirst("[0-9a-f]{8}\\.rows$", "%020d-00000000.rows".formatted(7));
      boolean _ = objects.put(new ObjectKey(begun), again, old.sum());
      assertThat(isAnywhere("owner")).isTrue();
      assertThat(owner.archival().orElseThrow().sweep()).isOne();
      // What may still be said to be there stays.
      assertThat(keys("stream=")).contains(begun);
      objects.delete(new ObjectKey(begun));
      nothingElseIsThere(keys("stream="), owner);
    }
  }

  @Test
  void whatIsTooOldGoesWithWhatWasSaidOfIt() throws IOException {
    retain = Optional.of(Duration.ofHours(20));
    try (Shard owner = owner()) {
      for (String key : List.of(ERASED, "key-1", "key-3")) {
        erase(key);
        apply(owner);
        settle(owner, true);
      }
      assertThat(keys("_tidemark/s/00000/erased/")).hasSize(3);
      append(40 * 60);
      apply(owner);
      checkpoint(owner);
      append(10);
      apply(owner);
      checkpoint(owner);
      settle(owner, true);
      // The last one stays, so that its number is not used again.
      assertThat(keys("_tidemark/s/00000/erased/"))
          .containsExactly("_tidemark/s/00000/erased/%020d".formatted(2));
      nothingElseIsThere(keys("stream="), owner);
    }
  }

  @Test
  void whoPutsABatchLaterDoesNotBringItBack() throws IOException {
    try (Shard owner = open("owner");
        Shard late = open("late")) {
      fill(owner, late);
      // Another hour has ended; the late one does not know of the erasure.
      append(60);
      apply(late);
      checkpoint(late);
      append(1);
      apply(late);
      checkpoint(late);
      ArchiveStep puts = late.archival().orElseThrow().begin(true).orElseThrow();
      apply(owner);
      erase(ERASED);
      apply(owner);
      settle(owner, true);
      assertThat(owner.erasing().receipts().getFirst().isDone()).isTrue();
      ArchiveStep.Report _ = puts.run();
      assertThat(isAnywhere("owner")).isFalse();
      apply(late);
      settle(late, true);
      assertThat(offsets(late)).isEqualTo(expected());
      nothingElseIsThere(keys("stream="), owner);
    }
  }

  @Test
  void whoPutsABatchOnceMoreDoesNotBringItBack() throws IOException {
    try (Shard owner = open("owner");
        Shard late = open("late")) {
      fill(owner, late);
      append(60);
      for (Shard shard : List.of(late, owner)) {
        apply(shard);
        checkpoint(shard);
      }
      append(1);
      for (Shard shard : List.of(late, owner)) {
        apply(shard);
        checkpoint(shard);
      }
      // It has seen that the batch is not there, and is about to put it.
      ArchiveStep puts = late.archival().orElseThrow().begin(true).orElseThrow();
      way.beforePut =
          () -> {
            settle(owner, true);
            erase(ERASED);
            apply(owner);
            settle(owner, true);
          };
      ArchiveStep.Report _ = puts.run();
      assertThat(owner.erasing().receipts().getFirst().isDone()).isTrue();
      assertThat(isAnywhere("owner")).isFalse();
      nothingElseIsThere(keys("stream="), owner);
      apply(late);
      settle(late, true);
      assertThat(offsets(late)).isEqualTo(expected());
    }
  }

  @Test
  void whoStillSeesWhatEndedAnHourDoesNotBringItBack() throws IOException {
    try (Shard owner = open("owner");
        Shard late = open("late")) {
      fill(owner, late);
      for (int events : List.of(30, 28)) {
        append(events);
        for (Shard shard : List.of(owner, late)) {
          apply(shard);
          checkpoint(shard);
          settle(shard, shard.equals(owner));
          settle(owner, true);
        }
      }
      assertThat(late.archival().orElseThrow().next()).isEqualTo(720);
      // The first event of the next hour is of the key: without it nobody can tell that it has
      // come.
      appendAt(780);
      assertThat((log.size() - 1) % KEYS).isEqualTo(2);
      apply(late);
      checkpoint(late);
      appendAt(777);
      apply(late);
      checkpoint(late);
      ArchiveStep puts = late.archival().orElseThrow().begin(true).orElseThrow();
      erase(ERASED);
      apply(owner);
      checkpoint(owner);
      settle(owner, true);
      assertThat(owner.erasing().receipts().getFirst().isDone()).isTrue();
      ArchiveStep.Report _ = puts.run();
      assertThat(isAnywhere("owner")).isFalse();
      apply(late);
      settle(late, true);
      assertThat(offsets(late)).isEqualTo(expected());
      nothingElseIsThere(keys("stream="), owner);
    }
  }
}
