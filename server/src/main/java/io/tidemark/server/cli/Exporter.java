package io.tidemark.server.cli;

import io.tidemark.files.DurableFiles;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.exports.JoinedParquet;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// Fetches the events of a stream in parts, each a question in SQL over a range of time, and makes
/// one file of them.
///
/// What is in the file is what the first answer's mark says: all further questions leave out what
/// came later. A part that is too much for one answer is asked for in halves. The file appears once
/// it is whole, and only where it has as many rows as the node had counted, or at least those that
/// it still has.
final class Exporter {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// How many rows a part shall have: well below what an answer may have.
  static final long PART_ROWS = 100_000;

  private static final int MAX_ROWS = 1_000_000;
  private static final int TIMEOUT_MS = 300_000;

  /// How often a part is asked for whose node is busy, or away.
  private static final int TRIES = 10;

  private final NodeClient node;
  private final String stream;
  private final Range range;
  private final Format format;
  private final long partRows;
  private final ProgressBar bar;

  enum Format {
    PARQUET("application/vnd.apache.parquet"),
    NDJSON("application/x-ndjson");

    private final String contentType;

    Format(String contentType) {
      this.contentType = contentType;
    }
  }

  /// Times as they were given.
  record Range(@Nullable String from, @Nullable String to) {}

  /// What has become of it.
  record Exported(long rows, String mark) {}

  /// Times from `from` to `to - 1`, in microseconds.
  private record Part(long from, long to) {}

  /// What there is of the stream in the range.
  private record Extent(long rows, long first, long last, String mark) {}

  /// @param partRows how many rows a part shall have
  Exporter(
      NodeClient node, String stream, Range range, Format format, long partRows, ProgressBar bar) {
    this.node = node;
    this.stream = stream;
    this.range = range;
    this.format = format;
    this.partRows = partRows;
    this.bar = bar;
  }

  Exported run(Path file, String after) throws IOException, CommandException, InterruptedException {
    Path beside = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file");
    Path folder = Files.createTempDirectory(beside, file.getFileName() + ".part-");
    try {
      Extent extent = extent(after);
      Path whole = folder.resolve("whole");
      long rows = join(fetch(extent, folder), whole);
      requireAll(extent, rows);
      try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.syncFolder(beside);
      return new Exported(rows, extent.mark());
    } finally {
      DurableFiles.deleteFolder(folder);
    }
  }

  /// There are as many rows as were counted, or as are still kept: the oldest may have gone
  /// meanwhile, some of them after they had come.
  private void requireAll(Extent extent, long rows)
      throws IOException, CommandException, InterruptedException {
    long least = rows == extent.rows() ? rows : kept(extent);
    if (rows < least || rows > extent.rows()) {
      throw new CommandException(
          "export: there were %,d events, of which %,d are still kept, and %,d came; export again"
              .formatted(extent.rows(), least, rows));
    }
  }

  /// How many of the rows there still are.
  private long kept(Extent extent) throws IOException, CommandException, InterruptedException {
    String sql =
        "SELECT count(*) FROM %s WHERE _time >= make_timestamp(%d) AND _time <= make_timestamp(%d)%s"
            .formatted(table(), extent.first(), extent.last(), below(extent.mark()));
    NodeClient.Answer answer =
        ask(sql, MAPPER.createObjectNode(), "application/json", extent.mark(), null);
    if (!answer.isSuccess()) {
      throw new CommandException("export: " + answer.detail());
    }
    return MAPPER.readTree(answer.body()).path("rows").path(0).path(0).asLong();
  }

  private Extent extent(String after) throws IOException, CommandException, InterruptedException {
    ObjectNode values = MAPPER.createObjectNode();
    StringBuilder sql =
        new StringBuilder(
            "SELECT count(*), epoch_us(min(_time)), epoch_us(max(_time)) FROM %s WHERE true"
                .formatted(table()));
    if (range.from() != null) {
      sql.append(" AND _time >= CAST($from AS TIMESTAMPTZ)");
      values.put("from", range.from());
    }
    if (range.to() != null) {
      sql.append(" AND _time < CAST($to AS TIMESTAMPTZ)");
      values.put("to", range.to());
    }
    NodeClient.Answer answer = ask(sql.toString(), values, "application/json", after, null);
    if (!answer.isSuccess()) {
      throw new CommandException("export: " + answer.detail());
    }
    JsonNode row = MAPPER.readTree(answer.body()).path("rows").path(0);
    return new Extent(
        row.path(0).asLong(), row.path(1).asLong(0), row.path(2).asLong(0), answer.mark());
  }

  private String table() {
    return '"' + stream.replace("\"", "\"\"") + '"';
  }

  /// Fetches all parts.
  ///
  /// @param folder where the files are to be that it returns
  private List<Path> fetch(Extent extent, Path folder)
      throws IOException, CommandException, InterruptedException {
    List<Path> files = new ArrayList<>();
    Deque<Part> left = parts(extent);
    String below = below(extent.mark());
    long bytes = 0;
    while (!left.isEmpty()) {
      Part part = left.pop();
      Path to = folder.resolve("part-" + files.size());
      files.add(to);
      String sql =
          "SELECT * FROM %s WHERE _time >= make_timestamp(%d) AND _time < make_timestamp(%d)%s ORDER BY _time, _offset, _partition"
              .formatted(table(), part.from(), part.to(), below);
      NodeClient.Answer answer =
          ask(sql, MAPPER.createObjectNode(), format.contentType, extent.mark(), to);
      if (answer.isSuccess()) {
        bytes += Files.size(to);
        double share = (part.to() - extent.first()) / (double) (extent.last() + 1 - extent.first());
        bar.say("\r%3d %%  %,d MB   ".formatted((int) (share * 100), bytes >> 20));
        continue;
      }
      files.removeLast();
      Files.deleteIfExists(to);
      if (answer.status() != 422 || part.to() - part.from() <= 1) {
        throw new CommandException("export: " + answer.detail());
      }
      long middle = part.from() + (part.to() - part.from()) / 2;
      left.push(new Part(middle, part.to()));
      left.push(new Part(part.from(), middle));
    }
    return files;
  }

  private Deque<Part> parts(Extent extent) {
    Deque<Part> parts = new ArrayDeque<>();
    long span = extent.last() + 1 - extent.first();
    long count = Math.min(span, extent.rows() / partRows + 1);
    long width = Math.ceilDiv(span, count);
    for (long at = extent.first(); at <= extent.last(); at += width) {
      parts.add(new Part(at, Math.min(at + width, extent.last() + 1)));
    }
    return parts;
  }

  /// A condition for what the mark stands for.
  private static String below(String mark) {
    if (mark.isEmpty()) {
      return "";
    }
    StringBuilder sql = new StringBuilder(" AND _offset < CASE _partition");
    for (String position : mark.split(",", -1)) {
      String[] shard = position.substring(position.lastIndexOf('/') + 1).split(":", 2);
      sql.append(" WHEN ").append(Long.parseLong(shard[0]));
      sql.append(" THEN ").append(Long.parseLong(shard[1]));
    }
    return sql.append(" END").toString();
  }

  /// Asks until there is an answer that stays the same.
  ///
  /// @param to where a success is written; null for the answer's own body
  private NodeClient.Answer ask(
      String sql, ObjectNode values, String accept, String after, @Nullable Path to)
      throws IOException, InterruptedException {
    ObjectNode request = MAPPER.createObjectNode();
    request.put("query", sql).put("limit", MAX_ROWS).put("timeout_ms", TIMEOUT_MS);
    request.set("parameters", values);
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("Accept", accept);
    if (!after.isEmpty()) {
      headers.put("Tidemark-After", after);
    }
    byte[] body = MAPPER.writeValueAsBytes(request);
    for (int tries = 1; ; tries++) {
      NodeClient.Answer answer =
          to == null ? node.post("/v1/sql", headers, body) : save(headers, body, to);
      if (!answer.isTransient() || tries == TRIES) {
        return answer;
      }
      TimeUnit.SECONDS.sleep(Math.max(1, answer.retryAfterSeconds()));
    }
  }

  private NodeClient.Answer save(Map<String, String> headers, byte[] body, Path to)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(to))) {
      return node.post("/v1/sql", headers, body, () -> out);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /// @return how many rows there are
  private long join(List<Path> parts, Path whole) throws IOException {
    if (format == Format.PARQUET) {
      return JoinedParquet.write(parts, whole);
    }
    long rows = 0;
    try (OutputStream out =
        Files.newOutputStream(
            whole, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
      for (Path part : parts) {
        rows += append(part, out);
        Files.delete(part);
      }
    }
    return rows;
  }

  /// @return how many lines there are
  private static long append(Path part, OutputStream out) throws IOException {
    long lines = 0;
    byte[] buffer = new byte[1 << 16];
    try (var in = Files.newInputStream(part)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        for (int i = 0; i < n; i++) {
          lines += buffer[i] == '\n' ? 1 : 0;
        }
        out.write(buffer, 0, n);
      }
    }
    return lines;
  }
}
