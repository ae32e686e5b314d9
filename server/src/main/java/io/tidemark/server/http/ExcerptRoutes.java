package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.Catalog;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.SqlExcerpts;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlNeedsCodec;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.table.TableShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// `POST /internal/excerpt`: what a node that answers SQL needs of the shards of another; not part
/// of the public API, and bound to one version of Tidemark.
///
/// ```
/// question = agreement{8} count{4} (stream{utf} partition{4})* mark{utf}
///            patience in ms{8} time in ms{8} needs
/// ```
///
/// The answer is an excerpt. Whoever asks and goes away ends the work.
public final class ExcerptRoutes implements Routes {
  public static final String PATH = "/internal/excerpt";

  private static final int MAX_QUESTION_BYTES = 1 << 20;

  /// Longer than that of any rollup that can be declared with names as people write them.
  private static final int MAX_DEFINITION = 16 << 10;

  private static final long NANOS_A_MS = 1_000_000;

  private final Api api;
  private final SqlExcerpts local;
  private final Turns turns;

  /// @param local of shards of this node only
  /// @param turns a unit for each excerpt
  public ExcerptRoutes(Api api, SqlExcerpts local, Turns turns) {
    this.api = api;
    this.local = local;
    this.turns = turns;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(new Endpoint("POST", PATH, api.metrics(), this::excerpt));
  }

  /// A question as it is sent.
  ///
  /// @param catalog what this node declares
  /// @param patienceMs how long to wait for the mark
  /// @param timeMs how long the whole may take
  public static byte[] question(
      Catalog catalog,
      SqlNeeds needs,
      Collection<StreamPartition> shards,
      Mark after,
      long patienceMs,
      long timeMs)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(Agreement.on(catalog, needs));
    out.writeInt(shards.size());
    for (StreamPartition shard : shards) {
      out.writeUTF(shard.stream());
      out.writeInt(shard.partition());
    }
    out.writeUTF(after.toString());
    out.writeLong(patienceMs);
    out.writeLong(timeMs);
    SqlNeedsCodec.write(needs, out);
    return bytes.toByteArray();
  }

  private record Question(
      SqlNeeds needs, Set<StreamPartition> shards, Queries.After after, long deadlineNanos) {}

  private void excerpt(ServerRequest request, ServerResponse response) throws Exception {
    Question question;
    try (RequestBody body = RequestBody.read(request, MAX_QUESTION_BYTES, api.inFlight())) {
      question = read(body);
    }
    try (SqlExcerpts.Excerpt excerpt = ClientWatch.workFor(() -> answer(question))) {
      response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
      response.contentLength(excerpt.length());
      ClientPace.answersFromFiles();
      try (OutputStream out = response.outputStream()) {
        excerpt.writeTo(out);
      }
    }
  }

  private SqlExcerpts.Excerpt answer(Question question) throws Exception {
    try (Turns.Turn _ = turns.take(1)) {
      return local.excerpt(
          question.needs(), question.shards(), question.after(), question.deadlineNanos());
    } catch (SqlRefusedException e) {
      throw SqlProblems.of(e, List.of());
    } catch (IllegalArgumentException e) {
      throw Agreement.isNoQuestion(e);
    }
  }

  private Question read(RequestBody body) {
    try {
      DataInputStream in =
          new DataInputStream(new ByteArrayInputStream(body.bytes(), 0, body.length()));
      long agreement = in.readLong();
      Set<StreamPartition> shards = shards(in);
      Mark after = Mark.parse(in.readUTF());
      long now = System.nanoTime();
      long patience = Math.clamp(in.readLong(), 0, SqlQuestion.MAX_TIMEOUT_MS);
      long time = Math.clamp(in.readLong(), 0, SqlQuestion.MAX_TIMEOUT_MS);
      SqlNeeds needs = SqlNeedsCodec.read(in);
      if (agreement != Agreement.on(api.catalog(), needs)) {
        throw Agreement.isMissing("streams " + String.join(", ", needs.streams()));
      }
      check(needs);
      return new Question(
          needs,
          shards,
          new Queries.After(after, now + patience * NANOS_A_MS),
          now + time * NANOS_A_MS);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw Agreement.isNoQuestion(e);
    }
  }

  /// That it is about tables that there are, each once, and columns that they have.
  private void check(SqlNeeds needs) {
    Set<String> names = new HashSet<>();
    for (SqlNeeds.Table table : needs.tables()) {
      StreamSpec stream = api.gate(table.stream()).stream();
      boolean isOfStream = table.name().equals(stream.name());
      boolean isTable =
          isOfStream == table.definition().isEmpty()
              && table.definition().length() <= MAX_DEFINITION
              && (isOfStream
                  || api.catalog().viewsOf(stream).stream()
                      .anyMatch(v -> v instanceof RollupSpec && v.name().equals(table.name())));
      int columns = TableShape.events(stream.type()).size();
      boolean inOrder = true;
      int last = -1;
      for (int column : table.columns()) {
        // The partition is one more.
        inOrder &= column > last && column <= columns;
        last = column;
      }
      if (!isTable || !inOrder || !names.add(table.name())) {
        throw new IllegalArgumentException("table " + table.name());
      }
    }
  }

  private Set<StreamPartition> shards(DataInputStream in) throws IOException {
    Set<StreamPartition> shards = new LinkedHashSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      StreamPartition shard = new StreamPartition(in.readUTF(), in.readInt());
      if (shard.partition() < 0
          || shard.partition() >= api.gate(shard.stream()).stream().partitions()
          || !shards.add(shard)) {
        throw new IllegalArgumentException("shard " + shard);
      }
    }
    return shards;
  }
}
