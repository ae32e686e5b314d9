package io.tidemark.rollup;

import io.tidemark.table.TableShape.ColumnSpec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.util.List;

/// Groups as nodes send them to one another, big endian:
///
/// ```
/// groups    = count{4} group*
/// group     = bucket{8} nulls{8} dimension* partial*    a bit of nulls for each null dimension
/// dimension = word{8} | length{4} byte*                 only those that are not null
/// partial   = (present{1} (word{8} | length{4} byte*)?)*   the columns of each measure
/// ```
final class GroupsCodec {
  private GroupsCodec() {}

  static void write(Groups groups, DataOutputStream out) throws IOException {
    out.writeInt(groups.count());
    for (int g = 0; g < groups.count(); g++) {
      out.writeLong(groups.bucket(g));
      long nulls = 0;
      for (int d = 0; d < groups.dimensions(); d++) {
        nulls |= groups.isNull(g, d) ? 1L << d : 0;
      }
      out.writeLong(nulls);
      for (int d = 0; d < groups.dimensions(); d++) {
        if (groups.isNull(g, d)) {
          continue;
        }
        if (groups.type(d).isText()) {
          writeBytes(groups.text(g, d), out);
        } else {
          out.writeLong(groups.word(g, d));
        }
      }
      for (Accumulator accumulator : groups.accumulators()) {
        write(accumulator, g, out);
      }
    }
  }

  private static void write(Accumulator accumulator, int group, DataOutputStream out)
      throws IOException {
    List<ColumnSpec> columns = accumulator.columns();
    for (int c = 0; c < columns.size(); c++) {
      boolean present = !accumulator.isNull(group, c);
      out.writeBoolean(present);
      if (present && columns.get(c).type().isWord()) {
        out.writeLong(accumulator.word(group, c));
      } else if (present) {
        writeBytes(accumulator.bytes(group, c), out);
      }
    }
  }

  /// Adds what was written to groups of the same dimensions and measures.
  static void read(Groups groups, DataInputStream in) throws IOException {
    long[] key = new long[groups.stride()];
    for (int left = in.readInt(); left > 0; left--) {
      key[0] = in.readLong();
      long nulls = in.readLong();
      key[key.length - 1] = 0;
      for (int d = 0; d < groups.dimensions(); d++) {
        if ((nulls & 1L << d) != 0) {
          Groups.putNull(key, d);
        } else if (groups.type(d).isText()) {
          groups.put(key, d, readBytes(in));
        } else {
          key[1 + d] = in.readLong();
        }
      }
      int group = groups.group(key);
      for (Accumulator accumulator : groups.accumulators()) {
        accumulator.merge(group, read(accumulator.columns(), in));
      }
    }
  }

  private static Accumulator.Partial read(List<ColumnSpec> columns, DataInputStream in)
      throws IOException {
    boolean[] present = new boolean[columns.size()];
    long[] words = new long[columns.size()];
    byte[][] bytes = new byte[columns.size()][];
    for (int c = 0; c < present.length; c++) {
      present[c] = in.readBoolean();
      if (present[c] && columns.get(c).type().isWord()) {
        words[c] = in.readLong();
      } else if (present[c]) {
        bytes[c] = readBytes(in);
      }
    }
    return new Accumulator.Partial() {
      @Override
      public boolean isNull(int column) {
        return !present[column];
      }

      @Override
      public long word(int column) {
        return words[column];
      }

      @Override
      public byte[] bytes(int column) {
        return bytes[column];
      }
    };
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      throw new UTFDataFormatException("length: " + length);
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException(bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
