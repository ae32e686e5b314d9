package io.tidemark.server.sql;

import io.tidemark.app.Catalog;
import io.tidemark.app.EarlierView;
import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.server.duckdb.Sql;
import io.tidemark.server.sql.SqlColumn.Leaf;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.ColumnSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A stream or a rollup as a table.
///
/// @param name unique among all tables, in lower case
/// @param rollup of a stream's own table none
/// @param shape how its rows are stored, or handed over
/// @param columns in the order in which `*` has them
record SqlTable(
    String name,
    StreamSpec stream,
    Optional<RollupSpec> rollup,
    TableShape shape,
    List<SqlColumn> columns) {
  static final String TIME = "_time";

  /// Events happen long before the year 200 000.
  private static final long MAX_HALF_MICROS = 3_000_000_000_000_000_000L;

  static final String PARTITION = "_partition";
  private static final String BIGINT = "BIGINT";

  /// All tables of a node by their names. Where a rollup is called as a stream is, the name is the
  /// stream's.
  static Map<String, SqlTable> of(Catalog catalog) {
    Map<String, SqlTable> tables = new LinkedHashMap<>();
    for (StreamSpec stream : catalog.streams()) {
      tables.put(stream.name(), of(stream));
    }
    for (ViewSpec view : catalog.views()) {
      if (view instanceof RollupSpec rollup) {
        tables.putIfAbsent(rollup.name(), of(rollup, catalog.streamOf(rollup)));
      }
    }
    return tables;
  }

  private static SqlTable of(StreamSpec stream) {
    TableShape events = TableShape.events(stream.type());
    List<ColumnSpec> stored = new ArrayList<>(events.columns());
    stored.add(new ColumnSpec(PARTITION, TableShape.Type.LONG));
    TableShape shape = new TableShape(stored);
    List<String> sources = Sql.columnNames(shape);
    List<Leaf> leaves = new ArrayList<>();
    leaves.add(new Leaf(TIME, "TIMESTAMP", sources.get(TableShape.TIME), false));
    leaves.add(new Leaf("_offset", BIGINT, sources.get(TableShape.OFFSET), false));
    leaves.add(new Leaf(PARTITION, BIGINT, sources.getLast(), false));
    for (int f = 0; f < stream.type().size(); f++) {
      leaves.add(leaf(stream.type().field(f), sources.get(TableShape.FIRST_FIELD + f)));
    }
    leaves.add(new Leaf("_extra", "JSON", sources.get(stored.size() - 2), true));
    return new SqlTable(stream.name(), stream, Optional.empty(), shape, SqlColumn.nested(leaves));
  }

  /// A rollup, as it is declared or as it was before.
  static SqlTable of(RollupSpec rollup, StreamSpec stream) {
    List<ColumnSpec> stored = new ArrayList<>();
    stored.add(new ColumnSpec(TIME, TableShape.Type.TIMESTAMP));
    List<Field> dimensions = rollup.by().stream().map(stream.type()::field).toList();
    dimensions.forEach(d -> stored.add(new ColumnSpec(d.path(), TableShape.typeOf(d))));
    List<String> types = new ArrayList<>();
    for (Measure measure : rollup.measures()) {
      String type = typeOf(measure, stream);
      types.add(type);
      stored.add(
          new ColumnSpec(
              measure.name(),
              switch (type) {
                case "DOUBLE" -> TableShape.Type.DOUBLE;
                case "TIMESTAMP" -> TableShape.Type.TIMESTAMP;
                case BIGINT -> TableShape.Type.LONG;
                // Digits: no word holds it.
                default -> TableShape.Type.TEXT;
              }));
    }
    TableShape shape = new TableShape(stored);
    List<String> sources = Sql.columnNames(shape);
    List<Leaf> leaves = new ArrayList<>();
    leaves.add(new Leaf(TIME, "TIMESTAMP", sources.getFirst(), false));
    for (int d = 0; d < dimensions.size(); d++) {
      leaves.add(leaf(dimensions.get(d), sources.get(1 + d)));
    }
    for (int m = 0; m < types.size(); m++) {
      String source = sources.get(1 + dimensions.size() + m);
      leaves.add(
          new Leaf(
              rollup.measures().get(m).name(),
              types.get(m),
              source,
              types.get(m).equals("HUGEINT")));
    }
    String name = EarlierView.declaredName(rollup.name());
    return new SqlTable(name, stream, Optional.of(rollup), shape, SqlColumn.nested(leaves));
  }

  private static Leaf leaf(Field field, String source) {
    return switch (field.type()) {
      case BOOLEAN -> new Leaf(field.path(), "BOOLEAN", source, false);
      case LONG -> new Leaf(field.path(), BIGINT, source, false);
      case DOUBLE -> new Leaf(field.path(), "DOUBLE", source, false);
      case STRING -> new Leaf(field.path(), "VARCHAR", source, false);
      case TIMESTAMP -> new Leaf(field.path(), "TIMESTAMP", source, false);
      case JSON -> new Leaf(field.path(), "JSON", source, true);
    };
  }

  private static String typeOf(Measure measure, StreamSpec stream) {
    FieldType field =
        measure.field() == Measure.ALL
            ? FieldType.LONG
            : stream.type().field(measure.field()).type();
    return switch (measure.kind()) {
      case COUNT, DISTINCT -> BIGINT;
      case SUM -> field == FieldType.DOUBLE ? "DOUBLE" : "HUGEINT";
      case AVG, PERCENTILE -> "DOUBLE";
      case MIN, MAX ->
          switch (field) {
            case DOUBLE -> "DOUBLE";
            case TIMESTAMP -> "TIMESTAMP";
            default -> BIGINT;
          };
    };
  }

  /// Which rollup of its name it is; of a stream's table empty.
  String definition() {
    return rollup.map(r -> r.definition(stream.type())).orElse("");
  }

  /// Whether it is a rollup as it was declared before.
  boolean isEarlier() {
    return rollup.filter(r -> EarlierView.isNameOfOne(r.name())).isPresent();
  }

  /// The rollup of its name with another definition; nothing where its stream's events, as they are
  /// now, have not all that it needs.
  Optional<SqlTable> as(String definition) {
    return definition.equals(definition())
        ? Optional.of(this)
        : EarlierView.read(name, definition, stream.type())
            .filter(RollupSpec.class::isInstance)
            .map(earlier -> of((RollupSpec) earlier, stream));
  }

  /// Makes a table without rows, and the view by which questions know it. The table's columns have
  /// names that nobody else gives to anything, so that a plan which names one means it.
  ///
  /// @param stub the table's name
  List<String> asStub(String stub) {
    String stored =
        IntStream.range(0, columns.size())
            .mapToObj(c -> stubColumn(stub, c) + " " + columns.get(c).type())
            .collect(Collectors.joining(", ", "CREATE TABLE " + stub + " (", ")"));
    String shown =
        IntStream.range(0, columns.size())
            .mapToObj(c -> stubColumn(stub, c) + " AS " + Sql.identifier(columns.get(c).name()))
            .collect(
                Collectors.joining(
                    ", ", "CREATE VIEW " + Sql.identifier(name) + " AS SELECT ", " FROM " + stub));
    return List.of(stored, shown);
  }

  /// The column of a stub that has the event time.
  static String stubTime(String stub) {
    return stubColumn(stub, 0);
  }

  private static String stubColumn(String stub, int column) {
    return stub + "_column_" + column;
  }

  /// Of a stream's table, the column in which a row's partition is handed over.
  String partitionSource() {
    return Sql.columnNames(shape).getLast();
  }

  /// Whether it does not show which file a row is of.
  boolean hidesFiles() {
    return Sql.hidesFiles(shape);
  }

  /// Its columns, to be selected from a source that has them as they are stored.
  ///
  /// @param fields of its structs, those that are wanted
  String selection(StructFields fields) {
    return columns.stream()
        .map(c -> fields.of(c).expression() + " AS " + Sql.identifier(c.name()))
        .collect(Collectors.joining(", "));
  }

  /// Of a stream's table the places of the stored columns that some of its columns are made of, and
  /// of those that each row has; in order.
  ///
  /// @param wanted the places of the columns
  /// @param fields of its structs, those that are wanted
  List<Integer> stored(Collection<Integer> wanted, StructFields fields) {
    if (rollup.isPresent()) {
      return List.of();
    }
    List<String> names = Sql.columnNames(shape);
    SortedSet<Integer> places =
        new TreeSet<>(List.of(TableShape.TIME, TableShape.OFFSET, names.size() - 1));
    wanted.stream()
        .flatMap(c -> fields.of(columns.get(c)).sources())
        .forEach(source -> places.add(names.indexOf(source)));
    return List.copyOf(places);
  }

  /// What stands for the columns that other nodes have not sent: nobody needs them, and where
  /// somebody does, that is a failure and never a NULL.
  ///
  /// @param sent the places of the others
  String notSent(List<Integer> sent) {
    List<String> names = Sql.columnNames(shape);
    return IntStream.range(0, names.size())
        .filter(c -> !sent.contains(c))
        .mapToObj(
            c ->
                ", CAST(error('column %d has not been sent') AS %s) AS %s"
                    .formatted(
                        c, Sql.type(shape.columns().get(c).type()), Sql.identifier(names.get(c))))
        .collect(Collectors.joining());
  }

  /// Whether a time can be written as a TIMESTAMP with digits.
  static boolean isFinite(long micros) {
    return Math.abs(micros / 2) < MAX_HALF_MICROS;
  }

  /// The names of its columns.
  String names() {
    return columns.stream().map(c -> Sql.identifier(c.name())).collect(Collectors.joining(", "));
  }

  /// A name that no column has.
  String unusedName() {
    return "_".repeat(1 + columns.stream().mapToInt(c -> c.name().length()).max().orElse(0));
  }
}
