package io.tidemark.query;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a question in SQL needs, as nodes tell one another, big endian:
///
/// ```
/// needs  = rows{1} count{4} table*
/// table  = name{utf} definition{utf} stream{utf} count{4} (from{8} to{8})* count{4} column{4}*
/// ```
public final class SqlNeedsCodec {
  private SqlNeedsCodec() {}

  public static void write(SqlNeeds needs, DataOutputStream out) throws IOException {
    out.writeBoolean(needs.rows());
    out.writeInt(needs.tables().size());
    for (SqlNeeds.Table table : needs.tables()) {
      out.writeUTF(table.name());
      out.writeUTF(table.definition());
      out.writeUTF(table.stream());
      out.writeInt(table.times().ranges().size());
      for (TimeBounds range : table.times().ranges()) {
        out.writeLong(range.from());
        out.writeLong(range.to());
      }
      QueryCodec.writeInts(table.columns(), out);
    }
  }

  public static SqlNeeds read(DataInputStream in) throws IOException {
    boolean rows = in.readBoolean();
    List<SqlNeeds.Table> tables = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      tables.add(
          new SqlNeeds.Table(
              in.readUTF(), in.readUTF(), in.readUTF(), readTimes(in), QueryCodec.readInts(in)));
    }
    return new SqlNeeds(tables, rows);
  }

  private static TimeRanges readTimes(DataInputStream in) throws IOException {
    List<TimeBounds> ranges = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      ranges.add(new TimeBounds(in.readLong(), in.readLong()));
    }
    return new TimeRanges(ranges);
  }
}
