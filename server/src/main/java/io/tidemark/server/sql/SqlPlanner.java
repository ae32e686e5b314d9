package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.query.TimeRanges;
import io.tidemark.server.duckdb.Task;
import io.tidemark.server.duckdb.Workers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// Reads questions and finds out what they need, in a database that has all tables and no rows.
///
/// That nobody looks at statistics here makes a plan right for whatever rows there are.
final class SqlPlanner implements AutoCloseable {
  private static final String MEMORY = "128MB";

  /// How the names of stubs begin.
  private static final String STUB = "_stub_";

  /// Expressions and subqueries deeper than this are refused by DuckDB.
  private static final int MAX_DEPTH = 200;

  /// What would look at rows, or hide the filters of a scan behind what shows only later.
  private static final String DISABLED =
      "statistics_propagation,late_materialization,compressed_materialization,join_filter_pushdown,top_n,row_group_pruner,sampling_pushdown";

  static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(8 * MAX_DEPTH).build())
              .build());

  private final DuckDBConnection database;
  private final Workers workers;
  private final Map<String, SqlTable> tables;
  private final Map<String, String> stubs;

  /// The names of all columns that are structs, in lower case.
  private final Set<String> structs;

  private SqlPlanner(DuckDBConnection database, Workers workers, Map<String, SqlTable> tables) {
    this.database = database;
    this.workers = workers;
    this.tables = tables;
    this.stubs = stubs(tables);
    this.structs =
        tables.values().stream()
            .flatMap(t -> t.columns().stream())
            .filter(SqlColumn.Struct.class::isInstance)
            .map(c -> c.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /// What a question needs.
  ///
  /// @param sql the question as it is executed, with `$1`, `$2`, … as placeholders
  /// @param values for them
  /// @param needs by name of the table, the times of its rows that matter
  /// @param stored by name of a stream's table, the places of the stored columns that matter
  /// @param fields of structs, those that it names
  record Plan(
      String sql,
      List<@Nullable Object> values,
      Map<String, TimeRanges> needs,
      Map<String, List<Integer>> stored,
      StructFields fields) {}

  static SqlPlanner open(Map<String, SqlTable> tables, int threads) throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("threads", "1");
    settings.setProperty("temp_directory", "");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    settings.setProperty("enable_external_access", "false");
    DuckDBConnection database =
        DriverManager.getConnection("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
    try {
      try (Statement statement = database.createStatement()) {
        for (Map.Entry<String, String> stub : stubs(tables).entrySet()) {
          for (String sql :
              Objects.requireNonNull(tables.get(stub.getKey())).asStub(stub.getValue())) {
            statement.execute(sql);
          }
        }
        statement.execute("SET disabled_optimizers = '" + DISABLED + "'");
        statement.execute("SET max_expression_depth = " + MAX_DEPTH);
      }
      Workers workers =
          new Workers(
              threads,
              Thread.ofPlatform().name("sql-plan-", 1).daemon().factory(),
              database,
              "SET TimeZone = 'UTC'");
      try (Statement statement = database.createStatement()) {
        statement.execute("SET lock_configuration = true");
      }
      return new SqlPlanner(database, workers, tables);
    } catch (SQLException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /// What the stub of each table is called.
  private static Map<String, String> stubs(Map<String, SqlTable> tables) {
    Map<String, String> stubs = new LinkedHashMap<>();
    tables.keySet().forEach(name -> stubs.put(name, STUB + stubs.size()));
    return stubs;
  }

  /// Reads a question.
  Plan plan(SqlText question, long deadlineNanos)
      throws SqlRefusedException, IOException, TimeoutException {
    Planning planning = new Planning(question);
    try {
      workers.run(planning, deadlineNanos);
    } catch (SQLException e) {
      throw SqlFailures.refusal(e);
    }
    return planning.result();
  }

  /// One question being read.
  private final class Planning implements Task.Work {
    private final SqlText question;
    private @Nullable Plan plan;
    private @Nullable SqlRefusedException refusal;

    Planning(SqlText question) {
      this.question = question;
    }

    Plan result() throws SqlRefusedException {
      if (refusal != null) {
        throw refusal;
      }
      return Objects.requireNonNull(plan);
    }

    @Override
    public void run(Task task) throws SQLException {
      try {
        JsonNode tree = tree(task, question.text());
        SqlGuard.Passed passed = SqlGuard.check(statement(tree), tables.keySet());
        List<String> names = List.copyOf(passed.parameters());
        rename(tree, names);
        Clocks.withoutZone(tree);
        if (!Clocks.renamesTime(tree)) {
          Clocks.comparedWithoutZone(tree, structs);
        }
        String sql = text(task, "SELECT json_deserialize_sql(?)", tree.toString());
        // What is executed is what has been looked at, whatever was made of it on the way.
        SqlGuard.Passed again = SqlGuard.check(statement(tree(task, sql)), tables.keySet());
        if (!again.references().equals(passed.references())
            || again.parameters().size() != names.size()) {
          throw new SqlRefusedException(Reason.BAD_SQL, "DuckDB cannot write it down: " + sql);
        }
        List<@Nullable Object> values =
            SqlParameters.values(names, question.question().parameters());
        StructFields fields = StructFields.of(tree, tables.keySet(), structs);
        plan =
            new Plan(
                sql,
                values,
                needs(task, sql, values, passed),
                stored(tree, passed, fields),
                fields);
      } catch (SqlRefusedException e) {
        refusal = moved(e);
      } catch (JacksonException e) {
        refusal = new SqlRefusedException(Reason.BAD_SQL, "it is nested too deep");
      }
    }

    /// DuckDB counts bytes from the beginning of the text.
    private SqlRefusedException moved(SqlRefusedException e) {
      if (e.position().isEmpty()) {
        return e;
      }
      byte[] bytes = question.text().getBytes(StandardCharsets.UTF_8);
      int at = Math.min(e.position().getAsInt(), bytes.length);
      int position = question.offset() + new String(bytes, 0, at, StandardCharsets.UTF_8).length();
      return new SqlRefusedException(
          e.reason(), String.valueOf(e.getMessage()), OptionalInt.of(position));
    }
  }

  private static JsonNode tree(Task task, String sql) throws SQLException, SqlRefusedException {
    return requireTree(MAPPER.readTree(text(task, "SELECT json_serialize_sql(?)", sql)));
  }

  static JsonNode requireTree(JsonNode tree) throws SqlRefusedException {
    if (tree.path("error").asBoolean(true)) {
      String message = tree.path("error_message").asString("it cannot be read");
      if (tree.path("error_type").asString("").equals("not implemented")) {
        throw new SqlRefusedException(
            Reason.NOT_ALLOWED,
            message.startsWith("Only SELECT") ? "only one SELECT is allowed" : message);
      }
      String position = tree.path("position").asString("");
      throw new SqlRefusedException(
          Reason.BAD_SQL,
          SqlFailures.cleaned(message),
          position.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(position)));
    }
    return tree;
  }

  static JsonNode statement(JsonNode tree) throws SqlRefusedException {
    JsonNode statements = tree.path("statements");
    if (statements.size() != 1) {
      throw new SqlRefusedException(
          statements.isEmpty() ? Reason.BAD_SQL : Reason.NOT_ALLOWED,
          "it is %d statements; one SELECT is allowed".formatted(statements.size()));
    }
    return statements.path(0);
  }

  private static String text(Task task, String sql, String parameter) throws SQLException {
    PreparedStatement statement = task.keep(sql);
    statement.setString(1, parameter);
    try (ResultSet result = statement.executeQuery()) {
      result.next();
      return result.getString(1);
    }
  }

  /// Gives placeholders the numbers by which they are set.
  private static void rename(JsonNode node, List<String> names) {
    if (node instanceof ObjectNode object) {
      if (object.path("class").asString("").equals("PARAMETER")) {
        object.put("identifier", number(object.path("identifier").asString(""), names));
      }
      for (JsonNode entry : object.path("named_param_map")) {
        String number = number(entry.path("key").asString(""), names);
        ((ObjectNode) entry).put("key", number).put("value", Integer.parseInt(number));
      }
    }
    for (JsonNode child : node) {
      rename(child, names);
    }
  }

  private static String number(String name, List<String> names) {
    return Integer.toString(names.indexOf(name) + 1);
  }

  private Map<String, TimeRanges> needs(
      Task task, String sql, List<@Nullable Object> values, SqlGuard.Passed passed)
      throws SQLException {
    Map<String, PlanReader.Scans> scans =
        PlanReader.scans(MAPPER.readTree(explain(task, sql, values)), !mayRename(sql));
    ScanTimes times = ScanTimes.of(task, scans.values());
    Map<String, TimeRanges> needs = new HashMap<>();
    for (Map.Entry<String, Integer> table : passed.references().entrySet()) {
      String stub = Objects.requireNonNull(stubs.get(table.getKey()));
      PlanReader.Scans found = scans.get(stub);
      // Fewer scans than names: some of them has been made into something else.
      needs.put(
          table.getKey(),
          found == null || found.filters().size() < table.getValue()
              ? TimeRanges.ALL
              : times.ranges(found, SqlTable.stubTime(stub), passed.readsClock()));
    }
    return needs;
  }

  private Map<String, List<Integer>> stored(
      JsonNode tree, SqlGuard.Passed passed, StructFields fields) {
    NamedColumns named = NamedColumns.of(tree, tables.keySet());
    Map<String, List<Integer>> stored = new HashMap<>();
    for (String name : passed.references().keySet()) {
      SqlTable table = Objects.requireNonNull(tables.get(name));
      stored.put(name, table.stored(named.of(table), fields));
    }
    return stored;
  }

  private static String explain(Task task, String sql, List<@Nullable Object> values)
      throws SQLException {
    try (PreparedStatement statement = task.prepare("EXPLAIN (FORMAT json) " + sql)) {
      SqlParameters.set(statement, values);
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        return result.getString(2);
      }
    }
  }

  /// Whether a question may call something as the columns of stubs are called.
  private static boolean mayRename(String sql) {
    String text = sql.toLowerCase(Locale.ROOT);
    return text.contains(STUB) || text.contains("columns");
  }

  /// Whether it can be asked anything.
  boolean works() {
    return Probe.works(workers);
  }

  /// Waits for what is being planned.
  @Override
  public void close() throws SQLException {
    workers.close();
    database.close();
  }
}
