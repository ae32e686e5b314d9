package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.Catalog;
import io.tidemark.log.Mark;
import io.tidemark.query.Partial;
import io.tidemark.query.PartialCodec;
import io.tidemark.query.QueryCodec;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// `POST /internal/ask`: what nodes ask one another; not part of the public API, and bound to one
/// version of Tidemark.
///
/// ```
/// question = stream{utf} agreement{8} count{4} partition{4}* mark{utf} patience in ms{8} query
/// answer   = count{4} partial*
/// ```
public final class PeerRoutes implements Routes {
  public static final String PATH = "/internal/ask";

  private static final int MAX_QUESTION_BYTES = 1 << 20;
  private static final long MAX_PATIENCE_MS = 60_000;

  private final Api api;
  private final Shards local;

  /// @param local answers only from shards of this node
  public PeerRoutes(Api api, Shards local) {
    this.api = api;
    this.local = local;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(new Endpoint("POST", PATH, api.metrics(), this::ask));
  }

  /// A question as it is sent.
  ///
  /// @param catalog what this node declares
  public static byte[] question(
      Catalog catalog,
      String stream,
      List<Integer> partitions,
      Mark after,
      long patienceMs,
      ShardQuery query)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(stream);
    out.writeLong(Agreement.on(catalog, stream, query));
    out.writeInt(partitions.size());
    for (int partition : partitions) {
      out.writeInt(partition);
    }
    out.writeUTF(after.toString());
    out.writeLong(patienceMs);
    QueryCodec.write(query, out);
    return bytes.toByteArray();
  }

  private void ask(ServerRequest request, ServerResponse response) throws Exception {
    try (RequestBody body = RequestBody.read(request, MAX_QUESTION_BYTES, api.inFlight())) {
      List<Partial> answers = answer(body);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeInt(answers.size());
      for (Partial partial : answers) {
        PartialCodec.write(partial, out);
      }
      response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
      response.send(bytes.toByteArray());
    }
  }

  private List<Partial> answer(RequestBody body)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    try {
      DataInputStream in =
          new DataInputStream(new ByteArrayInputStream(body.bytes(), 0, body.length()));
      String stream = in.readUTF();
      long agreement = in.readLong();
      List<Integer> partitions = partitions(in, api.gate(stream).stream().partitions());
      Mark after = Mark.parse(in.readUTF());
      long patience = Math.clamp(in.readLong(), 0, MAX_PATIENCE_MS);
      long deadline = System.nanoTime() + patience * 1_000_000;
      ShardQuery query = QueryCodec.read(in);
      if (agreement != Agreement.on(api.catalog(), stream, query)) {
        throw Agreement.isMissing("stream " + stream);
      }
      return local.ask(stream, partitions, query, after, deadline);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw Agreement.isNoQuestion(e);
    }
  }

  /// Each partition once: asking one a thousand times is a thousand times the work.
  private static List<Integer> partitions(DataInputStream in, int count) throws IOException {
    Set<Integer> partitions = new LinkedHashSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      int partition = in.readInt();
      if (partition < 0 || partition >= count || !partitions.add(partition)) {
        throw new IllegalArgumentException("partition " + partition);
      }
    }
    return List.copyOf(partitions);
  }
}
