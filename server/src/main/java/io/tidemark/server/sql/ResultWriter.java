package io.tidemark.server.sql;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;

/// Writes rows in one format.
interface ResultWriter {
  /// Before the first row.
  void begin(Cells cells) throws IOException;

  /// The row at which the result is.
  void row(Cells cells) throws SQLException, IOException;

  /// After the last row.
  void end(long rows) throws IOException;

  /// The columns of a result, and the values of its present row.
  record Cells(ResultSet result, String[] names, String[] types) {
    static Cells of(ResultSet result) throws SQLException {
      var data = result.getMetaData();
      String[] names = new String[data.getColumnCount()];
      String[] types = new String[names.length];
      for (int i = 0; i < names.length; i++) {
        names[i] = data.getColumnName(i + 1);
        types[i] = data.getColumnTypeName(i + 1);
      }
      return new Cells(result, names, types);
    }

    int size() {
      return names.length;
    }
  }
}
