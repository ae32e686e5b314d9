package io.tidemark.query;

import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.TimelineQuery;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.util.ArrayList;
import java.util.List;

/// Questions as nodes send them to one another, in the order of their records' components, big
/// endian; lists begin with their length, texts are UTF as [DataOutputStream#writeUTF] has it, and
/// the sealed alternatives begin with a letter.
public final class QueryCodec {
  private QueryCodec() {}

  public static void write(ShardQuery query, DataOutputStream out) throws IOException {
    switch (query) {
      case ShardQuery.OfTimeline(String view, String definition, TimelineQuery q) -> {
        out.writeByte('t');
        out.writeUTF(view);
        out.writeUTF(definition);
        PartialCodec.writeBytes(q.key(), out);
        out.writeLong(q.from());
        out.writeLong(q.to());
        writeTexts(q.splits(), out);
        out.writeInt(q.limit());
      }
      case ShardQuery.OfRollup(String view, String definition, RollupQuery q) -> {
        out.writeByte('r');
        out.writeUTF(view);
        out.writeUTF(definition);
        out.writeLong(q.from());
        out.writeLong(q.to());
        out.writeLong(q.every());
        writeInts(q.by(), out);
        out.writeInt(q.where().size());
        for (RollupQuery.Filter filter : q.where()) {
          out.writeInt(filter.dimension());
          writeTexts(filter.texts(), out);
          writeLongs(filter.words(), out);
        }
        writeInts(q.measures(), out);
        out.writeInt(q.limit());
      }
      case ShardQuery.OfEvents(String stream, EventQuery q) -> {
        out.writeByte('e');
        out.writeUTF(stream);
        out.writeLong(q.from());
        out.writeLong(q.to());
        out.writeInt(q.where().size());
        for (Condition condition : q.where()) {
          write(condition, out);
        }
        out.writeInt(q.limit());
        EventQuery.Cursor after = q.after();
        out.writeBoolean(after != null);
        if (after != null) {
          out.writeLong(after.timeMicros());
          out.writeLong(after.offset());
          out.writeInt(after.partition());
        }
      }
    }
  }

  public static ShardQuery read(DataInputStream in) throws IOException {
    byte kind = in.readByte();
    String name = in.readUTF();
    return switch (kind) {
      case 't' ->
          new ShardQuery.OfTimeline(
              name,
              in.readUTF(),
              new TimelineQuery(
                  PartialCodec.readBytes(in),
                  in.readLong(),
                  in.readLong(),
                  readTexts(in),
                  in.readInt()));
      case 'r' ->
          new ShardQuery.OfRollup(
              name,
              in.readUTF(),
              new RollupQuery(
                  in.readLong(),
                  in.readLong(),
                  in.readLong(),
                  readInts(in),
                  readFilters(in),
                  readInts(in),
                  in.readInt()));
      case 'e' ->
          new ShardQuery.OfEvents(
              name,
              new EventQuery(
                  in.readLong(),
                  in.readLong(),
                  readConditions(in),
                  in.readInt(),
                  in.readBoolean()
                      ? new EventQuery.Cursor(in.readLong(), in.readLong(), in.readInt())
                      : null));
      default -> throw new UTFDataFormatException("kind of query: " + kind);
    };
  }

  private static void write(Condition condition, DataOutputStream out) throws IOException {
    switch (condition) {
      case Condition.WordRange(int column, long from, long to) -> {
        out.writeByte('r');
        out.writeInt(column);
        out.writeLong(from);
        out.writeLong(to);
      }
      case Condition.WordIs(int column, long word) -> {
        out.writeByte('i');
        out.writeInt(column);
        out.writeLong(word);
      }
      case Condition.WordIn(int column, List<Long> words) -> {
        out.writeByte('w');
        out.writeInt(column);
        writeLongs(words, out);
      }
      case Condition.TextIn(int column, List<byte[]> texts) -> {
        out.writeByte('x');
        out.writeInt(column);
        writeTexts(texts, out);
      }
      case Condition.AnyContains(List<Integer> columns, String needle) -> {
        out.writeByte('c');
        writeInts(columns, out);
        out.writeUTF(needle);
      }
      case Condition.OlderThan(long time, long offset) -> {
        out.writeByte('o');
        out.writeLong(time);
        out.writeLong(offset);
      }
      case Condition.NotAll(List<Condition> conditions) -> {
        out.writeByte('n');
        out.writeInt(conditions.size());
        for (Condition each : conditions) {
          write(each, out);
        }
      }
    }
  }

  private static Condition readCondition(DataInputStream in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case 'r' -> new Condition.WordRange(in.readInt(), in.readLong(), in.readLong());
      case 'i' -> new Condition.WordIs(in.readInt(), in.readLong());
      case 'w' -> new Condition.WordIn(in.readInt(), readLongs(in));
      case 'x' -> new Condition.TextIn(in.readInt(), readTexts(in));
      case 'c' -> new Condition.AnyContains(readInts(in), in.readUTF());
      case 'o' -> new Condition.OlderThan(in.readLong(), in.readLong());
      case 'n' -> new Condition.NotAll(readConditions(in));
      default -> throw new UTFDataFormatException("kind of condition: " + kind);
    };
  }

  private static List<Condition> readConditions(DataInputStream in) throws IOException {
    List<Condition> conditions = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      conditions.add(readCondition(in));
    }
    return conditions;
  }

  private static List<RollupQuery.Filter> readFilters(DataInputStream in) throws IOException {
    List<RollupQuery.Filter> filters = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      filters.add(new RollupQuery.Filter(in.readInt(), readTexts(in), readLongs(in)));
    }
    return filters;
  }

  private static void writeTexts(List<byte[]> texts, DataOutputStream out) throws IOException {
    out.writeInt(texts.size());
    for (byte[] text : texts) {
      PartialCodec.writeBytes(text, out);
    }
  }

  private static List<byte[]> readTexts(DataInputStream in) throws IOException {
    List<byte[]> texts = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      texts.add(PartialCodec.readBytes(in));
    }
    return texts;
  }

  static void writeInts(List<Integer> values, DataOutputStream out) throws IOException {
    out.writeInt(values.size());
    for (int value : values) {
      out.writeInt(value);
    }
  }

  static List<Integer> readInts(DataInputStream in) throws IOException {
    List<Integer> values = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      values.add(in.readInt());
    }
    return values;
  }

  private static void writeLongs(List<Long> values, DataOutputStream out) throws IOException {
    out.writeInt(values.size());
    for (long value : values) {
      out.writeLong(value);
    }
  }

  private static List<Long> readLongs(DataInputStream in) throws IOException {
    List<Long> values = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      values.add(in.readLong());
    }
    return values;
  }
}
