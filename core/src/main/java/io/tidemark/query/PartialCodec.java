package io.tidemark.query;

import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.rollup.Groups;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Partials as nodes send them to one another, big endian:
///
/// ```
/// partial  = mark kind content
/// mark     = bytes                             its text form
/// kind     = 't' | 'r' | 'e'
/// content  = splits{4} (split{4} events)*      't'
///          | notBefore{8} groups               'r'; see Groups.write
///          | notBefore{8} events               'e'
/// events   = count{4} (partition{4} offset{8} time{8} bytes)*
/// bytes    = length{4} byte*
/// ```
public final class PartialCodec {
  private PartialCodec() {}

  public static void write(Partial partial, DataOutputStream out) throws IOException {
    writeBytes(partial.mark().toString().getBytes(StandardCharsets.UTF_8), out);
    switch (partial) {
      case Partial.OfTimeline(Mark _, Map<Integer, List<StoredEvent>> newest) -> {
        out.writeByte('t');
        out.writeInt(newest.size());
        for (Map.Entry<Integer, List<StoredEvent>> entry : newest.entrySet()) {
          out.writeInt(entry.getKey());
          writeEvents(entry.getValue(), out);
        }
      }
      case Partial.OfRollup(Mark _, long notBefore, Groups groups) -> {
        out.writeByte('r');
        out.writeLong(notBefore);
        groups.write(out);
      }
      case Partial.OfEvents(Mark _, long notBefore, List<StoredEvent> events) -> {
        out.writeByte('e');
        out.writeLong(notBefore);
        writeEvents(events, out);
      }
    }
  }

  /// @param emptyGroups for a rollup's partial, empty groups of the query's answer to fill
  public static Partial read(DataInputStream in, java.util.function.Supplier<Groups> emptyGroups)
      throws IOException {
    Mark mark = readMark(in);
    byte kind = in.readByte();
    return switch (kind) {
      case 't' -> {
        Map<Integer, List<StoredEvent>> newest = new TreeMap<>();
        int splits = in.readInt();
        for (int i = 0; i < splits; i++) {
          newest.put(in.readInt(), readEvents(in));
        }
        yield new Partial.OfTimeline(mark, newest);
      }
      case 'r' -> {
        long notBefore = in.readLong();
        Groups groups = emptyGroups.get();
        groups.read(in);
        yield new Partial.OfRollup(mark, notBefore, groups);
      }
      case 'e' -> new Partial.OfEvents(mark, in.readLong(), readEvents(in));
      default -> throw new UTFDataFormatException("kind of partial: " + kind);
    };
  }

  private static Mark readMark(DataInputStream in) throws IOException {
    try {
      return Mark.parse(new String(readBytes(in), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new UTFDataFormatException(e.getMessage());
    }
  }

  private static void writeEvents(List<StoredEvent> events, DataOutputStream out)
      throws IOException {
    out.writeInt(events.size());
    for (StoredEvent event : events) {
      out.writeInt(event.partition());
      out.writeLong(event.offset());
      out.writeLong(event.timeMicros());
      writeBytes(event.value(), out);
    }
  }

  private static List<StoredEvent> readEvents(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<StoredEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(new StoredEvent(in.readInt(), in.readLong(), in.readLong(), readBytes(in)));
    }
    return events;
  }

  static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static byte[] readBytes(DataInputStream in) throws IOException {
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
}
