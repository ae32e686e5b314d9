package io.tidemark.shard;

import io.tidemark.shard.Manifest.Ids;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// A manifest as text, so that an operator can read it: a line for each thing, its parts between
/// tabs, the last line a CRC-32C of all bytes before it.
///
/// ```
/// tidemark-manifest 4
/// number   N
/// type     TEXT
/// log      ID
/// reach    NEXT FINGERPRINT
/// position NEXT FINGERPRINT STREAM_TIME EVENTS DUPLICATES LATE MALFORMED GAP BYTES
///                                        ascending; the last one is where the shard is
/// ids      FIELD FROM NEXT STREAM_TIME   or nothing
/// view     NAME DEFINITION SINCE NEXT STREAM_TIME       any number, each followed by its segments
/// segment  NAME FROM TO ROWS BYTES CRC32C MIN_TIME MAX_TIME SET=ROWS,…
/// crc32c   HEX
/// ```
final class ManifestCodec {
  private static final String MAGIC = "tidemark-manifest\t4";

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
    line(text, "log", manifest.log());
    LogPrefix reach = manifest.reach();
    line(text, "reach", reach.next(), hex(reach.fingerprint()));
    for (LogPoint p : manifest.points()) {
      Counts c = p.counts();
      line(
          text,
          "position",
          p.offset(),
          hex(p.prefix().fingerprint()),
          p.streamTime(),
          c.events(),
          c.duplicates(),
          c.late(),
          c.malformed(),
          c.gap(),
          c.bytes());
    }
    manifest.ids().ifPresent(i -> line(text, "ids", i.field(), i.from(), i.next(), i.streamTime()));
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
        line(
            text,
            "segment",
            s.name(),
            s.from(),
            s.to(),
            s.rows(),
            s.sum().bytes(),
            hex(s.sum().crc32c()),
            s.minTime(),
            s.maxTime(),
            sets(s));
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
    long number = 0;
    String type = "";
    String log = "";
    LogPrefix reach = LogPrefix.EMPTY;
    List<LogPoint> points = new ArrayList<>();
    Optional<Ids> ids = Optional.empty();
    List<ViewState> views = new ArrayList<>();
    for (int i = 1; i < lines.length - 1; i++) {
      String[] p = lines[i].split("\t", -1);
      switch (p[0]) {
        case "number" -> number = number(p, 1);
        case "type" -> type = p[1];
        case "log" -> log = p[1];
        case "reach" -> reach = prefix(p);
        case "position" -> points.add(new LogPoint(prefix(p), number(p, 3), counts(p)));
        case "ids" ->
            ids =
                Optional.of(
                    new Ids(Integer.parseInt(p[1]), number(p, 2), number(p, 3), number(p, 4)));
        case "view" ->
            views.add(
                new ViewState(p[1], p[2], number(p, 3), number(p, 4), number(p, 5), List.of()));
        case "segment" -> {
          ViewState view = views.removeLast();
          List<SegmentRef> segments = new ArrayList<>(view.segments());
          segments.add(
              new SegmentRef(
                  p[1],
                  number(p, 2),
                  number(p, 3),
                  number(p, 4),
                  new FileSum(number(p, 5), hex(p[6])),
                  number(p, 7),
                  number(p, 8),
                  sets(p[9])));
          views.add(view.at(view.next(), view.streamTime(), segments));
        }
        default -> throw new IllegalArgumentException(lines[i]);
      }
    }
    return new Manifest(number, type, log, reach, points, ids, views);
  }

  private static LogPrefix prefix(String[] parts) {
    return new LogPrefix(number(parts, 1), hex(parts[2]));
  }

  private static Counts counts(String[] p) {
    return new Counts(
        number(p, 4), number(p, 5), number(p, 6), number(p, 7), number(p, 8), number(p, 9));
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  private static long hex(String text) {
    return Long.parseLong(text, 16);
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
