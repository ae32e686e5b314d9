package io.tidemark.shard;

import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// A manifest as text, so that an operator can read it: a line for each thing, its parts between
/// tabs, the last line a CRC-32C of all bytes before it.
///
/// ```
/// tidemark-manifest  1
/// number   N
/// type     TEXT
/// position NEXT STREAM_TIME
/// counts   EVENTS DUPLICATES LATE MALFORMED GAP BYTES
/// log      OFFSET BYTES                                      any number
/// view     NAME DEFINITION SINCE NEXT STREAM_TIME            any number, each followed by its
/// segment  NAME ROWS BYTES MIN_TIME MAX_TIME SET=ROWS,…      segments
/// crc32c   HEX
/// ```
final class ManifestCodec {
  private static final String MAGIC = "tidemark-manifest\t1";

  private ManifestCodec() {}

  /// A manifest's bytes are not what was written.
  static final class Corrupt extends IOException {
    private static final long serialVersionUID = 1L;

    Corrupt(String message) {
      super(message);
    }
  }

  static byte[] encode(Manifest manifest) {
    StringBuilder text = new StringBuilder(MAGIC).append('\n');
    line(text, "number", manifest.number());
    line(text, "type", manifest.type());
    line(text, "position", manifest.next(), manifest.streamTime());
    Counts c = manifest.counts();
    line(text, "counts", c.events(), c.duplicates(), c.late(), c.malformed(), c.gap(), c.bytes());
    for (LogPoint point : manifest.log()) {
      line(text, "log", point.offset(), point.bytes());
    }
    for (ViewState view : manifest.views()) {
      line(
          text,
          "view",
          view.name(),
          view.definition(),
          view.since(),
          view.next(),
          view.streamTime());
      for (SegmentRef s : view.segments()) {
        line(text, "segment", s.name(), s.rows(), s.bytes(), s.minTime(), s.maxTime(), sets(s));
      }
    }
    String body = text.toString();
    return (body + "crc32c\t" + Long.toHexString(crc(body)) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  static Manifest decode(byte[] bytes) throws Corrupt {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.lastIndexOf("crc32c\t");
    if (end < 0 || !text.endsWith("\n")) {
      throw new Corrupt("cut short: no checksum");
    }
    String body = text.substring(0, end);
    String sum = text.substring(end + 7, text.length() - 1);
    if (!sum.equals(Long.toHexString(crc(body)))) {
      throw new Corrupt("wrong checksum");
    }
    String[] lines = body.split("\n", -1);
    if (!lines[0].equals(MAGIC)) {
      throw new Corrupt("of another format: " + lines[0]);
    }
    try {
      return decode(lines);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new Corrupt("not understood: " + e.getMessage());
    }
  }

  private static Manifest decode(String[] lines) {
    Manifest manifest = Manifest.empty("");
    long number = 0;
    String type = "";
    long next = 0;
    long streamTime = Long.MIN_VALUE;
    Counts counts = manifest.counts();
    List<LogPoint> log = new ArrayList<>();
    List<ViewState> views = new ArrayList<>();
    for (int i = 1; i < lines.length - 1; i++) {
      String[] p = lines[i].split("\t", -1);
      switch (p[0]) {
        case "number" -> number = number(p, 1);
        case "type" -> type = p[1];
        case "position" -> {
          next = number(p, 1);
          streamTime = number(p, 2);
        }
        case "counts" ->
            counts =
                new Counts(
                    number(p, 1),
                    number(p, 2),
                    number(p, 3),
                    number(p, 4),
                    number(p, 5),
                    number(p, 6));
        case "log" -> log.add(new LogPoint(number(p, 1), number(p, 2)));
        case "view" ->
            views.add(
                new ViewState(p[1], p[2], number(p, 3), number(p, 4), number(p, 5), List.of()));
        case "segment" -> {
          ViewState view = views.removeLast();
          List<SegmentRef> segments = new ArrayList<>(view.segments());
          segments.add(
              new SegmentRef(
                  p[1], number(p, 2), number(p, 3), number(p, 4), number(p, 5), sets(p[6])));
          views.add(view.at(view.next(), view.streamTime(), segments));
        }
        default -> throw new IllegalArgumentException(lines[i]);
      }
    }
    return new Manifest(number, type, next, streamTime, counts, views, log);
  }

  private static long number(String[] parts, int index) {
    return Long.parseLong(parts[index]);
  }

  private static String sets(SegmentRef segment) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(segment.sets())
        .forEach(
            (set, rows) ->
                text.append(text.isEmpty() ? "" : ",").append(set).append('=').append(rows));
    return text.toString();
  }

  private static Map<Integer, Long> sets(String text) {
    Map<Integer, Long> sets = new TreeMap<>();
    if (!text.isEmpty()) {
      for (String item : text.split(",", -1)) {
        int equals = item.indexOf('=');
        sets.put(
            Integer.parseInt(item.substring(0, equals)),
            Long.parseLong(item.substring(equals + 1)));
      }
    }
    return sets;
  }

  private static void line(StringBuilder text, Object... parts) {
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i].toString();
      if (part.indexOf('\t') >= 0 || part.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("a tab or a line end in " + part);
      }
      text.append(i == 0 ? "" : "\t").append(part);
    }
    text.append('\n');
  }

  private static long crc(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
