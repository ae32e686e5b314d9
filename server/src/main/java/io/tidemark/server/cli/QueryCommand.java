package io.tidemark.server.cli;

import io.tidemark.server.client.NodeClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// `tidemark query SQL`.
@Command(
    name = "query",
    description = "Asks a running node in SQL, over its streams and rollups.",
    mixinStandardHelpOptions = true)
final class QueryCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// Beyond the query's own time, for the way there and back.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// How an answer is written.
  enum Format {
    TABLE("application/json"),
    JSON("application/json"),
    NDJSON("application/x-ndjson"),
    CSV("text/csv"),
    PARQUET("application/vnd.apache.parquet"),
    ARROW("application/vnd.apache.arrow.stream");

    private final String contentType;

    Format(String contentType) {
      this.contentType = contentType;
    }
  }

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "SQL",
      description = "One SELECT, or EXPLAIN SELECT; - reads it from standard input.")
  private String sql = "";

  @Mixin private NodeAddress address = new NodeAddress();

  @Option(
      names = "--format",
      paramLabel = "table|json|ndjson|csv|parquet|arrow",
      description = "How to write the answer: table on a terminal, csv elsewhere.")
  private @Nullable String format;

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description = "The value of $NAME, or of the first ? where NAME is 1.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many rows the answer may have (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "How long the query may take (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Option(
      names = "--after",
      paramLabel = "MARK",
      description = "Wait until the answer contains what the mark stands for.")
  private String after = "";

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the answer goes; standard output where there is none.")
  private @Nullable Path output;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Format wanted = format();
    byte[] body = MAPPER.writeValueAsBytes(request());
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("Accept", wanted.contentType);
    if (!after.isEmpty()) {
      headers.put("Tidemark-After", after);
    }
    Duration patience = Duration.ofSeconds(timeoutSeconds).plus(PATIENCE);
    try (NodeClient node = address.connect(patience)) {
      if (wanted == Format.TABLE) {
        NodeClient.Answer answer = requireSuccess(node.post("/v1/sql", headers, body));
        print(answer, out);
      } else {
        save(node, headers, body);
      }
    }
    return 0;
  }

  private Format format() throws CommandException {
    if (format == null) {
      return output == null && ProgressBar.isTerminal() ? Format.TABLE : Format.CSV;
    }
    try {
      return Format.valueOf(format.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new CommandException("query: --format is table, json, ndjson, csv, parquet or arrow");
    }
  }

  private ObjectNode request() throws IOException {
    ObjectNode request = MAPPER.createObjectNode();
    boolean standardInput = sql.equals("-");
    request.put(
        "query",
        standardInput ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : sql);
    request.put("limit", limit);
    request.put("timeout_ms", timeoutSeconds * 1000L);
    if (!parameters.isEmpty()) {
      ObjectNode values = request.putObject("parameters");
      parameters.forEach((name, text) -> values.set(name, value(text)));
    }
    return request;
  }

  /// What is a number, a boolean, null or a string in quotes in JSON is that; all else is itself.
  private static JsonNode value(String text) {
    try {
      JsonNode value = MAPPER.readTree(text);
      if (value.isValueNode()) {
        return value;
      }
    } catch (JacksonException _) {
      // It is itself.
    }
    return MAPPER.getNodeFactory().stringNode(text);
  }

  /// Says on standard error what the answer itself does not show.
  private NodeClient.Answer requireSuccess(NodeClient.Answer answer) throws CommandException {
    if (!answer.isSuccess()) {
      throw new CommandException("query: " + answer.detail());
    }
    if (answer.isOfEarlierView()) {
      PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
      err.println(
          "query: a rollup has changed and is being filled; this is the answer of what it was before");
      err.flush();
    }
    return answer;
  }

  private void print(NodeClient.Answer answer, PrintWriter out) throws IOException {
    JsonNode document = MAPPER.readTree(answer.body());
    String text;
    if (document.has("plan")) {
      text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document.get("tables"));
      text += "\n" + document.get("plan").asString() + "\n";
    } else {
      text = TextTable.of(document) + rowCount(document);
    }
    text += answer.mark().isEmpty() ? "" : "mark " + answer.mark() + "\n";
    if (output == null) {
      out.print(text);
      out.flush();
    } else {
      Files.writeString(output, text);
    }
  }

  private static String rowCount(JsonNode document) {
    long rows = document.path("row_count").asLong();
    return rows == 1 ? "1 row\n" : rows + " rows\n";
  }

  private void save(NodeClient node, Map<String, String> headers, byte[] body)
      throws IOException, CommandException {
    Path file = output;
    if (file == null) {
      requireSuccess(node.post("/v1/sql", headers, body, () -> System.out));
      System.out.flush();
      return;
    }
    // The file is made once there is something to put into it.
    OutputStream[] opened = {OutputStream.nullOutputStream()};
    try {
      requireSuccess(
          node.post(
              "/v1/sql",
              headers,
              body,
              () -> {
                try {
                  opened[0] = Files.newOutputStream(file);
                  return opened[0];
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }));
    } finally {
      opened[0].close();
    }
  }
}
