package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.Snapshots;
import io.tidemark.shard.HeldShards;
import io.tidemark.shard.Verification;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.core.JsonGenerator;

/// `GET /v1/verify`: views are computed again from their events, and compared. The answer comes
/// line by line, each a JSON object: how far it is, what came of each view of each shard, and at
/// last that it is done.
public final class VerifyRoutes implements Routes {
  private static final long SAY_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final Api api;
  private final Snapshots shards;
  private final Turns turns;

  /// @param turns a unit for each verification
  public VerifyRoutes(Api api, Snapshots shards, Turns turns) {
    this.api = api;
    this.shards = shards;
    this.turns = turns;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(new Endpoint("GET", "/v1/verify", api.metrics(), this::verify));
  }

  private void verify(ServerRequest request, ServerResponse response) throws Exception {
    Params params = Params.parse(request.query().rawValue()).allow(Set.of("view", "from", "to"));
    long from = QueryRoutes.from(params);
    long to = QueryRoutes.to(params);
    QueryRoutes.checkRange(from, to);
    Map<String, List<String>> views = views(params.list("view"));
    Queries.After after = Marks.after(request, api.catalog());
    try (Turns.Turn _ = turns.take(1)) {
      Lines lines = new Lines(response);
      for (Map.Entry<String, List<String>> stream : views.entrySet()) {
        shards.read(
            shardsOf(stream.getKey()),
            after,
            held -> {
              for (HeldShards.Table shard : held.tables(stream.getKey())) {
                for (String view : stream.getValue()) {
                  verify(held, shard.id(), view, from, to, lines);
                }
              }
              return true;
            });
      }
      lines.done();
    }
  }

  private List<StreamPartition> shardsOf(String stream) {
    return IntStream.range(0, api.gate(stream).stream().partitions())
        .mapToObj(p -> new StreamPartition(stream, p))
        .toList();
  }

  /// By stream, the names of the views that are wanted.
  private Map<String, List<String>> views(List<String> wanted) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (StreamSpec stream : api.catalog().streams()) {
      names.add(stream.name());
      if (wanted.isEmpty() || wanted.contains(stream.name())) {
        all.computeIfAbsent(stream.name(), _ -> new ArrayList<>()).add(Verification.TABLE);
      }
      for (ViewSpec view : api.catalog().viewsOf(stream)) {
        names.add(view.name());
        if (wanted.isEmpty() || wanted.contains(view.name())) {
          all.computeIfAbsent(stream.name(), _ -> new ArrayList<>()).add(view.name());
        }
      }
    }
    for (String name : wanted) {
      if (!names.contains(name)) {
        throw Problem.parameter(
            "view", "no view or stream " + name + "; " + Near.hint(name, names));
      }
    }
    return all;
  }

  private static void verify(
      HeldShards held, StreamPartition shard, String view, long from, long to, Lines lines)
      throws IOException {
    Verification verification = held.verify(shard, view, from, to);
    while (verification.step()) {
      lines.progress(verification);
    }
    lines.report(verification.report());
  }

  /// The answer; nothing is sent before there is something to say.
  private static final class Lines {
    private final ServerResponse response;
    private Optional<OutputStream> out = Optional.empty();
    private long said = System.nanoTime();
    private long compared;
    private long different;
    private long skipped;

    Lines(ServerResponse response) {
      this.response = response;
    }

    private interface Line {
      void write(JsonGenerator json);
    }

    private void say(Line line) throws IOException {
      if (out.isEmpty()) {
        response.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
        out = Optional.of(response.outputStream());
      }
      byte[] bytes =
          Json.bytes(
              json -> {
                json.writeStartObject();
                line.write(json);
                json.writeEndObject();
              });
      OutputStream to = out.get();
      to.write(bytes);
      to.write('\n');
      to.flush();
      said = System.nanoTime();
    }

    void progress(Verification verification) throws IOException {
      if (System.nanoTime() - said > SAY_EVERY_NANOS) {
        Verification.Report report = verification.report();
        say(
            json -> {
              about(json, report.shard(), report.view());
              json.writeNumberProperty("progress", verification.progress());
              json.writeNumberProperty("compared", report.compared());
              json.writeNumberProperty("different", report.different());
            });
      }
    }

    private static void about(JsonGenerator json, StreamPartition shard, String view) {
      json.writeStringProperty("shard", shard.toString());
      json.writeStringProperty("view", view.equals(Verification.TABLE) ? shard.stream() : view);
    }

    void report(Verification.Report report) throws IOException {
      if (!report.notCompared().isEmpty()) {
        skipped++;
        say(
            json -> {
              about(json, report.shard(), report.view());
              json.writeStringProperty("skipped", report.notCompared());
            });
        return;
      }
      compared += report.compared();
      different += report.different();
      say(
          json -> {
            about(json, report.shard(), report.view());
            json.writeNumberProperty("next", report.next());
            json.writeNumberProperty("compared", report.compared());
            json.writeNumberProperty("different", report.different());
            json.writeArrayPropertyStart("differences");
            report
                .told()
                .forEach(
                    d -> {
                      json.writeStartObject();
                      json.writeStringProperty("key", d.key());
                      json.writeStringProperty("expected", d.expected());
                      json.writeStringProperty("found", d.found());
                      json.writeEndObject();
                    });
            json.writeEndArray();
          });
    }

    void done() throws IOException {
      say(
          json -> {
            json.writeBooleanProperty("done", true);
            json.writeNumberProperty("compared", compared);
            json.writeNumberProperty("different", different);
            json.writeNumberProperty("skipped", skipped);
          });
      out.orElseThrow().close();
    }
  }
}
