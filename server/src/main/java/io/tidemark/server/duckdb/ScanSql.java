package io.tidemark.server.duckdb;

import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.Type;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/// A scan as a SQL query. Every value is a parameter.
///
/// The first column is true for the rows that were found; after them comes one more row, in which
/// it is false. A result without that row is not complete: DuckDB's chunked results end without a
/// word where reading fails after the first chunk.
final class ScanSql {
  private final TableShape shape;
  private final List<String> columns;

  private final String file;
  private final ConditionSql conditions;
  private final String text;

  /// @param table the files as a table
  /// @param file an expression for the number of a row's file
  ScanSql(TableShape shape, String table, String file, Scan scan) {
    this.shape = shape;
    this.columns = Sql.columnNames(shape).stream().map(Sql::identifier).toList();
    this.file = file;
    this.conditions = new ConditionSql(shape);
    StringBuilder sql = new StringBuilder("(SELECT true");
    scan.columns().forEach(c -> sql.append(", ").append(selected(c)));
    sql.append(" FROM ").append(table);
    sql.append(conditions.where(scan.conditions()));
    sql.append(order(scan.order()));
    if (scan.limit() != Scan.ALL) {
      sql.append(" LIMIT ").append(scan.limit());
    }
    sql.append(") UNION ALL SELECT false");
    scan.columns().forEach(_ -> sql.append(", NULL"));
    this.text = sql.toString();
  }

  private String order(Scan.Order order) {
    return switch (order) {
      case ANY -> "";
      case NEWEST_FIRST ->
          " ORDER BY %s DESC, %s DESC"
              .formatted(columns.get(TableShape.TIME), columns.get(TableShape.OFFSET));
      case BY_OFFSET -> " ORDER BY " + columns.get(TableShape.OFFSET);
    };
  }

  String text() {
    return text;
  }

  void setParameters(PreparedStatement statement) throws SQLException {
    conditions.setParameters(statement);
  }

  /// A column as [ChunkRow] reads it.
  private String selected(int column) {
    if (column == Scan.FILE) {
      return file;
    }
    String name = columns.get(column);
    return switch (type(column)) {
      case BOOLEAN, LONG, DOUBLE, TEXT -> name;
      case TIMESTAMP -> Timestamps.toMicros(name);
      case BYTES -> "to_base64(" + name + ")";
    };
  }

  private Type type(int column) {
    return shape.columns().get(column).type();
  }
}
