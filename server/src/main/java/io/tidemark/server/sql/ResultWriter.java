package io.tidemark.server.sql;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/// Writes rows in one format.
interface ResultWriter {
  /// Before the first row.
  void begin(Cells cells) throws IOException;

  /// The row at which the result is.
  void row(Cells cells) throws SQLException, IOException;

  /// After the last row.
  void end(long rows) throws IOException;

  /// The columns of a result, and the values of its present row.
  ///
  /// @param types as the driver has them
  /// @param asked the types that the question has; some are cast to be read
  record Cells(ResultSet result, String[] names, String[] types, String[] asked) {
    /// @param cast of columns that have been cast, what they were; by number, from 1 on
    static Cells of(ResultSet result, Map<Integer, String> cast) throws SQLException {
      var data = result.getMetaData();
      String[] names = new String[data.getColumnCount()];
      String[] types = new String[names.length];
      String[] asked = new String[names.length];
      for (int i = 0; i < names.length; i++) {
        names[i] = data.getColumnName(i + 1);
        types[i] = data.getColumnTypeName(i + 1);
        asked[i] = cast.getOrDefault(i + 1, types[i]);
      }
      return new Cells(result, names, types, asked);
    }

    int size() {
      return names.length;
    }
  }
}
