package io.tidemark.server.sql;

import io.tidemark.log.Mark;
import io.tidemark.query.SqlExcerpts;
import io.tidemark.rollup.Groups;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Checksum;

/// What shards of this node have for a question that another one answers, big endian; texts are UTF
/// as [DataOutputStream#writeUTF] has it:
///
/// ```
/// excerpt = magic{4} length{4} mark tables{4} table* sum{8}   the sum of all before it: CRC-32C
/// table   = name{utf} segments{4} read{4} (name{utf})* rows in memory{8} content
/// content = 'n'                                  no rows, or none are wanted
///         | 'r' length{8} Parquet                of a stream, columns as they are stored
///         | 'g' notBefore{8} groups              of a rollup; see Groups.write
/// ```
///
/// Large parts are files until they are sent, and go with the excerpt.
final class ExcerptFile implements SqlExcerpts.Excerpt {
  static final int MAGIC = 0x54_6d_78_31;

  private final TemporaryRoom.Lease room;
  private final List<Part> parts = new ArrayList<>();

  /// Some of the bytes.
  private sealed interface Part {
    record Bytes(byte[] bytes) implements Part {}

    record InFile(Path file, long length) implements Part {}
  }

  /// @param room is given back on closing
  ExcerptFile(TemporaryRoom.Lease room) {
    this.room = room;
  }

  static Checksum newSum() {
    return new CRC32C();
  }

  /// Writes what is not in a file.
  @FunctionalInterface
  private interface Head {
    void write(DataOutputStream out) throws IOException;
  }

  private void add(Head content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    content.write(new DataOutputStream(bytes));
    parts.add(new Part.Bytes(bytes.toByteArray()));
  }

  void begin(Mark mark, int tables) throws IOException {
    byte[] text = mark.toString().getBytes(StandardCharsets.UTF_8);
    add(
        out -> {
          out.writeInt(MAGIC);
          out.writeInt(text.length);
          out.write(text);
          out.writeInt(tables);
        });
  }

  /// A table begins.
  void table(TablePart part) throws IOException {
    add(
        out -> {
          out.writeUTF(part.table().name());
          out.writeInt(part.files().segments());
          out.writeInt(part.files().needed().size());
          for (String name : part.files().needed()) {
            out.writeUTF(name);
          }
          out.writeLong(part.inMemory());
        });
  }

  void nothing() throws IOException {
    add(out -> out.writeByte('n'));
  }

  /// @param file with the rows; goes with this
  void rows(Path file) throws IOException {
    long length = Files.size(file);
    add(
        out -> {
          out.writeByte('r');
          out.writeLong(length);
        });
    parts.add(new Part.InFile(file, length));
  }

  /// @param file for the groups; goes with this
  void groups(Groups groups, long notBefore, Path file) throws IOException {
    add(
        out -> {
          out.writeByte('g');
          out.writeLong(notBefore);
        });
    parts.add(new Part.InFile(file, 0));
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(Files.newOutputStream(file), ExcerptReader.BUFFER))) {
      groups.write(out);
    }
    parts.removeLast();
    parts.add(new Part.InFile(file, Files.size(file)));
    if (!room.add(Files.size(file))) {
      throw new BoundedOutput.Full();
    }
  }

  @Override
  public long length() {
    long length = Long.BYTES;
    for (Part part : parts) {
      length +=
          switch (part) {
            case Part.Bytes(byte[] bytes) -> bytes.length;
            case Part.InFile(Path _, long bytes) -> bytes;
          };
    }
    return length;
  }

  @Override
  public void writeTo(OutputStream to) throws IOException {
    Checksum sum = newSum();
    DataOutputStream out = new DataOutputStream(new CheckedOutputStream(to, sum));
    for (Part part : parts) {
      switch (part) {
        case Part.Bytes(byte[] bytes) -> out.write(bytes);
        case Part.InFile(Path file, long _) -> Files.copy(file, out);
      }
    }
    out.writeLong(sum.getValue());
    out.flush();
  }

  @Override
  public void close() throws IOException {
    try (room) {
      for (Part part : parts) {
        if (part instanceof Part.InFile(Path file, long _)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
