package io.tidemark.query;

import static io.tidemark.query.Forms.MARK;
import static io.tidemark.query.Forms.QUERIES;
import static io.tidemark.query.Forms.bytes;
import static io.tidemark.query.Forms.groups;
import static io.tidemark.query.Forms.input;
import static io.tidemark.query.Forms.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.event.StoredEvent;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What nodes send one another comes back as it was, or the reading fails.
final class CodecsTest {
  @Test
  void questionsComeBack() throws IOException {
    for (ShardQuery query : QUERIES) {
      byte[] written = written(query);
      ShardQuery back = QueryCodec.read(input(written));
      assertThat(written(back)).isEqualTo(written);
      assertThat(back.getClass()).isEqualTo(query.getClass());
    }
    ShardQuery.OfEvents events =
        (ShardQuery.OfEvents) QueryCodec.read(input(written(QUERIES.get(3))));
    assertThat(events.query().after()).isEqualTo(new EventQuery.Cursor(11, 12, 13));
    assertThat(events.query().where().get(4))
        .isEqualTo(new Condition.AnyContains(List.of(5, 6), "größe"));
    assertThat(events.query().where().getFirst()).isEqualTo(new Condition.WordRange(2, -3, 4));
  }

  @Test
  void aQuestionThatIsCutShortCannotBeRead() throws IOException {
    for (ShardQuery query : QUERIES) {
      byte[] written = written(query);
      for (int length = 0; length < written.length; length++) {
        byte[] cut = Arrays.copyOf(written, length);
        assertThatThrownBy(() -> QueryCodec.read(input(cut))).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void eventsAndTimelinesComeBack() throws IOException {
    StoredEvent one = new StoredEvent(1, 2, -3, bytes("value"));
    StoredEvent two = new StoredEvent(0, Long.MAX_VALUE, Long.MIN_VALUE, new byte[0]);
    Partial.OfEvents events = new Partial.OfEvents(MARK, 7, List.of(one, two));
    Partial.OfTimeline timeline =
        new Partial.OfTimeline(MARK, Map.of(-1, List.of(one), 7, List.of(two, one)));
    for (Partial partial : List.of(events, timeline)) {
      byte[] written = written(partial);
      Partial back = PartialCodec.read(input(written), Forms::groups);
      assertThat(back.mark()).isEqualTo(MARK);
      assertThat(written(back)).hasSameSizeAs(written);
    }
    Partial.OfEvents back =
        (Partial.OfEvents) PartialCodec.read(input(written(events)), Forms::groups);
    assertThat(back.events().getFirst().value()).isEqualTo(bytes("value"));
    assertThat(back.events().get(1).timeMicros()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aPartialThatIsCutShortCannotBeRead() throws IOException {
    StoredEvent event = new StoredEvent(1, 2, -3, bytes("value"));
    for (Partial partial :
        List.of(
            new Partial.OfEvents(MARK, 7, List.of(event)),
            new Partial.OfTimeline(MARK, Map.of(1, List.of(event))),
            new Partial.OfRollup(MARK, 8, groups()))) {
      byte[] written = written(partial);
      for (int length = 0; length < written.length; length++) {
        byte[] cut = Arrays.copyOf(written, length);
        assertThatThrownBy(() -> PartialCodec.read(input(cut), Forms::groups))
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void whatIsNoPartialCannotBeRead() {
    assertThatThrownBy(() -> PartialCodec.read(input(new byte[] {0, 0, 0, 0, 'x'}), Forms::groups))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PartialCodec.read(input(new byte[] {-1, 0, 0, 0, 'x'}), Forms::groups))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> PartialCodec.read(input(new byte[] {0, 0, 0, 1, 'x'}), Forms::groups))
        .isInstanceOf(IOException.class);
  }
}
