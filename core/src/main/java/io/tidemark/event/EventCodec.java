package io.tidemark.event;

import java.nio.charset.StandardCharsets;

/// The binary form of an event: the body of an Avro record, so that any Kafka tool can read it.
///
/// ```
/// body   = leaf* extra                   leaves in the order of EventType.fields()
/// leaf   = value                         for a required field
///        | 0x00                          null, for an optional field
///        | 0x02 value                    (the index 1 of the union [null, T], zigzag)
/// extra  = 0x00 | 0x02 text              union [null, string]
/// value  = zigzag varint                 LONG, TIMESTAMP (timestamp-micros)
///        | 8 bytes, little endian        DOUBLE
///        | 0x00 | 0x01                   BOOLEAN
///        | text                          STRING, JSON
/// text   = zigzag varint length, UTF-8 bytes
/// ```
///
/// A nested object is a nested Avro record; Avro frames nothing, so its body is that of its leaves
/// one after another. Source: Apache Avro specification 1.12, "Binary Encoding". In the log the
/// body follows Confluent's wire header: a zero byte and the schema's id, 4 bytes, big endian.
public final class EventCodec {
  /// Length of the header before the body in a log record.
  public static final int HEADER = 5;

  /// Ids of streams' schemas are at least this.
  public static final int LEAST_SCHEMA_ID = 1 << 30;

  private static final int MAX_SCHEMA_ID = Integer.MAX_VALUE;

  private EventCodec() {}

  /// A log record's value was not written by this codec for this type.
  public static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  /// The id of a schema: a hash of its leaves, so that nodes agree without asking anybody. It has
  /// bit 30 set; ids without it are left to schemas that are no stream's.
  public static int schemaId(EventType type) {
    return schemaId(type.toString());
  }

  /// The id of a schema by its shape's text, [EventType#toString()].
  public static int schemaId(String typeText) {
    long hash = Hashing.hash64(typeText.getBytes(StandardCharsets.UTF_8));
    return (int) (hash & MAX_SCHEMA_ID) | LEAST_SCHEMA_ID;
  }

  /// The value of a log record: header and body.
  public static byte[] encodeValue(EventRow row, int schemaId) {
    EventType type = row.type();
    int length = HEADER;
    for (int i = 0; i < type.size(); i++) {
      length += leafLength(row, i);
    }
    length += row.hasExtra() ? 1 + textLength(row.extraLength()) : 1;
    byte[] out = new byte[length];
    out[1] = (byte) (schemaId >>> 24);
    out[2] = (byte) (schemaId >>> 16);
    out[3] = (byte) (schemaId >>> 8);
    out[4] = (byte) schemaId;
    int at = HEADER;
    for (int i = 0; i < type.size(); i++) {
      at = writeLeaf(row, i, out, at);
    }
    if (row.hasExtra()) {
      out[at++] = 2;
      at = writeText(row, row.extraStart(), row.extraLength(), out, at);
    } else {
      at++;
    }
    if (at != length) {
      throw new IllegalStateException("encoded " + at + " bytes, measured " + length);
    }
    return out;
  }

  /// The schema id in a log record's value, or -1 where there is no such header.
  public static int schemaIdOf(byte[] value) {
    if (value.length < HEADER || value[0] != 0) {
      return -1;
    }
    return (value[1] & 0xff) << 24
        | (value[2] & 0xff) << 16
        | (value[3] & 0xff) << 8
        | (value[4] & 0xff);
  }

  /// Fills a row from a log record's value; the row's texts are ranges of `value`.
  ///
  /// @throws Malformed where the bytes are not a body of this type
  public static void decodeValue(byte[] value, EventRow row) {
    EventType type = row.type();
    row.clear();
    row.borrow(value);
    try {
      int at = HEADER;
      for (int i = 0; i < type.size(); i++) {
        Field field = type.field(i);
        if (!field.required()) {
          byte branch = value[at++];
          if (branch == 0) {
            continue;
          }
          if (branch != 2) {
            throw new Malformed("union branch " + branch + " of " + field.path());
          }
        }
        at = readLeaf(value, at, field.type(), row, i);
      }
      readExtra(value, at, row);
    } catch (ArrayIndexOutOfBoundsException _) {
      throw new Malformed("cut short at " + value.length + " bytes");
    }
  }

  /// The same, where the value was written in another shape than the row has.
  ///
  /// @param written the shape
  /// @param places for each of its fields the index in the row's shape, where the type is the same,
  ///   or LONG has become DOUBLE
  static void decodeValue(byte[] value, EventType written, int[] places, EventRow row) {
    EventType type = row.type();
    row.clear();
    row.borrow(value);
    try {
      int at = HEADER;
      for (int i = 0; i < places.length; i++) {
        Field field = written.field(i);
        if (!field.required()) {
          byte branch = value[at++];
          if (branch == 0) {
            continue;
          }
          if (branch != 2) {
            throw new Malformed("union branch " + branch + " of " + field.path());
          }
        }
        int place = places[i];
        at = readLeaf(value, at, field.type(), row, place);
        if (field.type() == FieldType.LONG && type.field(place).type() == FieldType.DOUBLE) {
          row.setDouble(place, (double) row.word(place));
        }
      }
      readExtra(value, at, row);
    } catch (ArrayIndexOutOfBoundsException _) {
      throw new Malformed("cut short at " + value.length + " bytes");
    }
  }

  private static void readExtra(byte[] value, int start, EventRow row) {
    int at = start;
    byte branch = value[at++];
    if (branch == 2) {
      at = readText(value, at, row, row.type().size());
    } else if (branch != 0) {
      throw new Malformed("union branch " + branch + " of extra");
    }
    if (at != value.length) {
      throw new Malformed(value.length - at + " bytes too many");
    }
  }

  private static int leafLength(EventRow row, int field) {
    Field leaf = row.type().field(field);
    int branch = leaf.required() ? 0 : 1;
    if (row.isNull(field)) {
      if (leaf.required()) {
        throw new IllegalArgumentException("required field is null: " + leaf.path());
      }
      return branch;
    }
    return branch
        + switch (leaf.type()) {
          case BOOLEAN -> 1;
          case LONG, TIMESTAMP -> varintLength(row.word(field));
          case DOUBLE -> 8;
          case STRING, JSON -> textLength(row.textLength(field));
        };
  }

  private static int writeLeaf(EventRow row, int field, byte[] out, int start) {
    Field leaf = row.type().field(field);
    int at = start;
    if (row.isNull(field)) {
      return at + 1;
    }
    if (!leaf.required()) {
      out[at++] = 2;
    }
    return switch (leaf.type()) {
      case BOOLEAN -> {
        out[at] = (byte) row.word(field);
        yield at + 1;
      }
      case LONG, TIMESTAMP -> writeVarint(row.word(field), out, at);
      case DOUBLE -> {
        long bits = row.word(field);
        for (int i = 0; i < 8; i++) {
          out[at + i] = (byte) (bits >>> (8 * i));
        }
        yield at + 8;
      }
      case STRING, JSON -> writeText(row, row.textStart(field), row.textLength(field), out, at);
    };
  }

  private static int readLeaf(byte[] in, int start, FieldType type, EventRow row, int field) {
    int at = start;
    switch (type) {
      case BOOLEAN -> row.setWord(field, in[at++] & 1);
      case LONG, TIMESTAMP -> {
        long raw = 0;
        int shift = 0;
        byte b;
        do {
          if (shift > 63) {
            throw new Malformed("varint too long");
          }
          b = in[at++];
          raw |= (long) (b & 0x7f) << shift;
          shift += 7;
        } while (b < 0);
        row.setWord(field, (raw >>> 1) ^ -(raw & 1));
      }
      case DOUBLE -> {
        long bits = 0;
        for (int i = 0; i < 8; i++) {
          bits |= (in[at + i] & 0xffL) << (8 * i);
        }
        row.setWord(field, bits);
        at += 8;
      }
      case STRING, JSON -> at = readText(in, at, row, field);
    }
    return at;
  }

  private static int readText(byte[] in, int start, EventRow row, int slot) {
    int at = start;
    long raw = 0;
    int shift = 0;
    byte b;
    do {
      if (shift > 35) {
        throw new Malformed("text length too long");
      }
      b = in[at++];
      raw |= (long) (b & 0x7f) << shift;
      shift += 7;
    } while (b < 0);
    long length = (raw >>> 1) ^ -(raw & 1);
    if (length < 0 || length > in.length - at) {
      throw new Malformed("text of " + length + " bytes in " + (in.length - at));
    }
    row.place(slot, at, (int) length);
    return at + (int) length;
  }

  private static int writeText(EventRow row, int from, int length, byte[] out, int start) {
    int at = writeVarint(length, out, start);
    System.arraycopy(row.text(), from, out, at, length);
    return at + length;
  }

  private static int textLength(int length) {
    return varintLength(length) + length;
  }

  private static int varintLength(long value) {
    long zigzag = (value << 1) ^ (value >> 63);
    return zigzag == 0 ? 1 : (70 - Long.numberOfLeadingZeros(zigzag)) / 7;
  }

  private static int writeVarint(long value, byte[] out, int start) {
    long zigzag = (value << 1) ^ (value >> 63);
    int at = start;
    while ((zigzag & ~0x7fL) != 0) {
      out[at++] = (byte) (zigzag | 0x80);
      zigzag >>>= 7;
    }
    out[at++] = (byte) zigzag;
    return at;
  }
}
