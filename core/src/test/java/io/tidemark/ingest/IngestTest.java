package io.tidemark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.Hashing;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class IngestTest {
  private static final long NOW_MS = 1_700_000_000_000L;
  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("meta.time", FieldType.LONG, true),
              new Field("user", FieldType.STRING, true),
              new Field("shop", FieldType.LONG, true)));

  private final FakeLog log = new FakeLog();

  /// Reads lines `TIME USER SHOP`; `!` is refused, `?` breaks the body.
  private static final class LineParser implements EventParser {
    private String[] lines = {};
    private int at;

    @Override
    public void open(byte[] body, int start, int length, Shape shape) {
      String text = new String(body, start, length, StandardCharsets.UTF_8);
      lines = text.isEmpty() ? new String[0] : text.split("\n", -1);
      at = 0;
    }

    @Override
    public Step next(EventRow row) {
      if (at == lines.length) {
        return new Step.End(true, null);
      }
      String line = lines[at++];
      if (line.equals("!")) {
        return new Step.Refused(new Refusal(Refusal.Reason.MISSING, "/user", "no user"));
      }
      if (line.equals("?")) {
        return new Step.End(false, new Refusal(Refusal.Reason.MALFORMED, "", "not JSON"));
      }
      String[] parts = line.split(" ", -1);
      row.clear();
      row.setWord(0, Long.parseLong(parts[0]));
      row.setText(1, parts[1]);
      row.setWord(2, Long.parseLong(parts[2]));
      return new Step.Valid();
    }
  }

  /// Appends to memory; entries of which `fails` holds are not taken.
  private static final class FakeLog implements EventLog {
    private final List<Entry> entries = new ArrayList<>();
    private final long[] next = new long[64];
    private Predicate<Entry> fails = _ -> false;
    private int calls;

    @Override
    public Appended append(String stream, List<Entry> batch) {
      calls++;
      long[] offsets = new long[batch.size()];
      boolean any = false;
      for (int i = 0; i < offsets.length; i++) {
        Entry entry = batch.get(i);
        if (fails.test(entry)) {
          offsets[i] = Appended.FAILED;
          any = true;
        } else {
          offsets[i] = next[entry.partition()]++;
          entries.add(entry);
        }
      }
      return new Appended(offsets, any ? "no leader" : "");
    }
  }

  @Test
  void acknowledgesWithTheMarkOfWhatItAppended() throws Exception {
    StreamSpec stream = stream(List.of(1), 8);
    Batch batch = take(stream, NOW_MS + " ann 1\n" + NOW_MS + " bob 2\n" + NOW_MS + " ann 3");
    assertThat(batch.accepted()).isEqualTo(3);
    assertThat(batch.refused()).isEmpty();
    int ann = Hashing.partition("ann".getBytes(StandardCharsets.UTF_8), 8);
    int bob = Hashing.partition("bob".getBytes(StandardCharsets.UTF_8), 8);
    assertThat(ann).isNotEqualTo(bob);
    assertThat(batch.mark())
        .isEqualTo(
            Mark.of(new StreamPartition("s", ann), 2)
                .and(Mark.of(new StreamPartition("s", bob), 1)));
    EventRow row = new EventRow(TYPE);
    byte[] value = Objects.requireNonNull(log.entries.get(2).value());
    EventCodec.decodeValue(value, row);
    assertThat(row.word(2)).isEqualTo(3);
    assertThat(EventCodec.schemaIdOf(value)).isEqualTo(EventCodec.schemaId(TYPE));
  }

  @Test
  void aKeyIsErasedByATombstoneWhereItsEventsAre() {
    FakeLog log = new FakeLog();
    byte[] key = "ann".getBytes(StandardCharsets.UTF_8);
    Batch batch = new Ingest(stream(List.of(0), 4), log).erase(key);
    assertThat(batch.accepted()).isEqualTo(1);
    EventLog.Entry entry = log.entries.getFirst();
    assertThat(entry.value()).isNull();
    assertThat(entry.key()).isEqualTo(key);
    assertThat(entry.partition()).isEqualTo(Hashing.partition(key, 4));
  }

  @Test
  void refusesItemsOneByOneInTheirOrder() throws Exception {
    log.fails = e -> e.item() == 3;
    long future = NOW_MS + 3_600_001;
    Batch batch =
        take(
            stream(List.of(1), 1),
            NOW_MS + " a 1\n!\n" + future + " b 1\n" + NOW_MS + " c 1\n!\n" + NOW_MS + " d 1");
    assertThat(batch.items()).isEqualTo(6);
    assertThat(batch.accepted()).isEqualTo(2);
    assertThat(batch.refused()).extracting(Batch.Item::index).containsExactly(1, 2, 3, 4);
    assertThat(batch.refused())
        .extracting(i -> i.refusal().reason())
        .containsExactly(
            Refusal.Reason.MISSING,
            Refusal.Reason.TIME_IN_FUTURE,
            Refusal.Reason.LOG,
            Refusal.Reason.MISSING);
    assertThat(batch.refused().get(1).refusal().pointer()).isEqualTo("/meta/time");
    assertThat(batch.refused().get(2).refusal().detail()).isEqualTo("no leader");
    assertThat(batch.mark()).isEqualTo(Mark.of(new StreamPartition("s", 0), 2));
  }

  @Test
  void takesATimeThatIsAsFarAheadAsAllowed() throws Exception {
    assertThat(take(stream(List.of(1), 1), (NOW_MS + 3_600_000) + " a 1").accepted()).isEqualTo(1);
  }

  @Test
  void aBrokenBodyAppendsNothing() throws Exception {
    Batch batch = take(stream(List.of(1), 1), NOW_MS + " a 1\n?");
    assertThat(batch.broken()).isNotNull();
    assertThat(batch.accepted()).isZero();
    assertThat(batch.mark()).isEqualTo(Mark.NONE);
    assertThat(log.calls).isZero();
  }

  @Test
  void nothingToAppendDoesNotBotherTheLog() throws Exception {
    assertThat(take(stream(List.of(1), 1), "!").accepted()).isZero();
    assertThat(take(stream(List.of(1), 1), "").items()).isZero();
    assertThat(log.calls).isZero();
  }

  @Test
  void aKeyOfSeveralFieldsJoinsTheirTexts() throws Exception {
    take(stream(List.of(1, 2), 4), NOW_MS + " ann -7");
    byte[] key = "ann\u001f-7".getBytes(StandardCharsets.UTF_8);
    assertThat(log.entries.getFirst().key()).isEqualTo(key);
    assertThat(log.entries.getFirst().partition()).isEqualTo(Hashing.partition(key, 4));
  }

  @Test
  void eventsWithoutAKeyAreSpreadRequestByRequest() throws Exception {
    Ingest ingest = new Ingest(stream(List.of(), 4), log);
    Set<Integer> partitions = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      int before = log.entries.size();
      byte[] body = (NOW_MS + " a 1\n" + NOW_MS + " b 1").getBytes(StandardCharsets.UTF_8);
      ingest.take(new LineParser(), body, body.length, EventParser.Shape.NDJSON, NOW_MS);
      List<EventLog.Entry> request = log.entries.subList(before, log.entries.size());
      assertThat(request).extracting(EventLog.Entry::partition).hasSize(2);
      assertThat(request.get(0).partition()).isEqualTo(request.get(1).partition());
      partitions.add(request.get(0).partition());
    }
    assertThat(partitions).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void moreItemsThanAllowedAreRefusedAsAWhole() throws Exception {
    String line = NOW_MS + " a 1\n";
    String most = line.repeat(Ingest.MAX_ITEMS - 1) + NOW_MS + " a 1";
    assertThat(take(stream(List.of(1), 1), most).accepted()).isEqualTo(Ingest.MAX_ITEMS);
    assertThatThrownBy(() -> take(stream(List.of(1), 1), line + most))
        .isInstanceOf(Ingest.TooManyItems.class);
    assertThat(log.entries).hasSize(Ingest.MAX_ITEMS);
  }

  @Test
  void aKeyThatIsTooLongToBeAskedForIsRefused() throws Exception {
    String longest = "k".repeat(Ingest.MAX_KEY_BYTES);
    String lines = NOW_MS + " " + longest + " 1\n" + NOW_MS + " " + longest + "k 1";
    Batch batch = take(stream(List.of(1), 1), lines);
    assertThat(batch.accepted()).isEqualTo(1);
    assertThat(batch.refused())
        .singleElement()
        .satisfies(item -> assertThat(item.index()).isEqualTo(1))
        .extracting(Batch.Item::refusal)
        .satisfies(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Refusal.Reason.TOO_LARGE);
              assertThat(refusal.pointer()).isEqualTo("/user");
            });
    // Of several fields, all count.
    assertThat(take(stream(List.of(1, 2), 1), NOW_MS + " " + longest + " 1").refused()).hasSize(1);
    // What is no part of the key may be as long as it likes.
    assertThat(take(stream(List.of(2), 1), lines).accepted()).isEqualTo(2);
  }

  @Test
  void whatARefusalSaysIsCutWhereItWouldBeEndless() {
    String name = "/" + "n".repeat(Refusal.MAX_LENGTH - 2) + "😀".repeat(100_000);
    Refusal refusal = new Refusal(Refusal.Reason.MISSING, name, "d".repeat(Refusal.MAX_LENGTH));
    assertThat(refusal.pointer()).startsWith("/nn").endsWith("n…").hasSize(Refusal.MAX_LENGTH);
    assertThat(refusal.detail()).hasSize(Refusal.MAX_LENGTH).endsWith("d");
  }

  private Batch take(StreamSpec stream, String lines) throws Ingest.TooManyItems {
    byte[] body = lines.getBytes(StandardCharsets.UTF_8);
    return new Ingest(stream, log)
        .take(new LineParser(), body, body.length, EventParser.Shape.NDJSON, NOW_MS);
  }

  private static StreamSpec stream(List<Integer> key, int partitions) {
    return new StreamSpec(
        "s",
        TYPE,
        "",
        0,
        key,
        Optional.empty(),
        Optional.empty(),
        partitions,
        0,
        Duration.ofHours(1));
  }
}
