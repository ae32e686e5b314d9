package io.tidemark.shard;

import io.tidemark.files.SummedText;
import io.tidemark.shard.Manifest.Backfill;
import io.tidemark.shard.Manifest.Ids;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.FileSum;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A manifest as text, see [SummedText].
///
/// ```
/// tidemark-manifest 7
/// number   N
/// type     TEXT
/// log      ID
/// reach    NEXT FINGERPRINT
/// position NEXT FINGERPRINT STREAM_TIME EVENTS DUPLICATES LATE MALFORMED GAP BYTES
///                                        ascending; the last one is where the shard is
/// ids      FIELD FROM NEXT STREAM_TIME   or nothing
/// view     NAME DEFINITION SINCE NEXT STREAM_TIME       any number, each followed by what is its
/// backfill NEXT TO NOT_BEFORE            or nothing
/// segment  NAME FROM TO ROWS BYTES CRC32C MIN_TIME MAX_TIME SET=ROWS,… AS_OF
/// archive  BELOW NEXT ERASED             or nothing; followed by its files
/// archived KEY FROM TO ROWS BYTES CRC32C MIN_TIME MAX_TIME SET=ROWS,… AS_OF
/// erasure  OFFSET APPEND_MS %-KEY FILES EVENTS MIN_TIME MAX_TIME SORTED ARCHIVED_FILES ARCHIVED_EVENTS
///                                        any number
/// crc32c   HEX
/// ```
final class ManifestCodec {
  private static final String FORMAT = "tidemark-manifest\t7";

  private ManifestCodec() {}

  static byte[] encode(Manifest manifest) {
    SummedText text = new SummedText(FORMAT);
    text.line("number", manifest.number());
    text.line("type", manifest.type());
    text.line("log", manifest.log());
    LogPrefix reach = manifest.reach();
    text.line("reach", reach.next(), hex(reach.fingerprint()));
    for (LogPoint p : manifest.points()) {
      Counts c = p.counts();
      text.line(
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
    manifest.ids().ifPresent(i -> text.line("ids", i.field(), i.from(), i.next(), i.streamTime()));
    for (ViewState view : manifest.views()) {
      text.line(
          "view", view.name(), view.definition(), view.since(), view.next(), view.streamTime());
      Backfill b = view.backfill();
      if (!b.equals(Backfill.NONE)) {
        text.line("backfill", b.next(), b.to(), b.notBefore());
      }
      for (SegmentRef s : view.segments()) {
        line(text, "segment", s);
      }
    }
    Archived archived = manifest.archived();
    if (!archived.equals(Archived.NOTHING)) {
      text.line("archive", archived.below(), archived.next(), archived.erased());
      archived.files().forEach(s -> line(text, "archived", s));
    }
    for (Erasure e : manifest.erasures()) {
      text.line(
          "erasure",
          e.offset(),
          e.appendMs(),
          URLEncoder.encode(e.key(), StandardCharsets.UTF_8),
          e.files(),
          e.events(),
          e.minTime(),
          e.maxTime(),
          e.sorted(),
          e.archivedFiles(),
          e.archivedEvents());
    }
    return text.bytes();
  }

  private static void line(SummedText text, String name, SegmentRef s) {
    text.line(
        name,
        s.name(),
        s.from(),
        s.to(),
        s.rows(),
        s.sum().bytes(),
        hex(s.sum().crc32c()),
        s.minTime(),
        s.maxTime(),
        sets(s),
        s.asOf());
  }

  static Manifest decode(byte[] bytes) throws SummedText.Corrupt {
    List<String[]> lines = SummedText.read(FORMAT, bytes);
    try {
      return decode(lines);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new SummedText.Corrupt("not understood: " + e.getMessage());
    }
  }

  private static Manifest decode(List<String[]> lines) {
    long number = 0;
    String type = "";
    String log = "";
    LogPrefix reach = LogPrefix.EMPTY;
    List<LogPoint> points = new ArrayList<>();
    Optional<Ids> ids = Optional.empty();
    List<ViewState> views = new ArrayList<>();
    long below = 0;
    long archivedNext = 0;
    long erased = 0;
    List<SegmentRef> files = new ArrayList<>();
    List<Erasure> erasures = new ArrayList<>();
    for (String[] p : lines) {
      switch (p[0]) {
        case "number" -> number = number(p, 1);
        case "type" -> type = p[1];
        case "log" -> log = p[1];
        case "reach" -> reach = prefix(p);
        case "position" -> points.add(new LogPoint(prefix(p), number(p, 3), counts(p)));
        case "ids" -> ids = Optional.of(new Ids(p[1], number(p, 2), number(p, 3), number(p, 4)));
        case "view" ->
            views.add(
                new ViewState(
                    p[1],
                    p[2],
                    number(p, 3),
                    number(p, 4),
                    number(p, 5),
                    Backfill.NONE,
                    List.of()));
        case "backfill" -> {
          Backfill backfill = new Backfill(number(p, 1), number(p, 2), number(p, 3));
          views.add(views.removeLast().with(backfill, List.of()));
        }
        case "segment" -> {
          ViewState view = views.removeLast();
          List<SegmentRef> segments = new ArrayList<>(view.segments());
          segments.add(segment(p));
          views.add(view.at(view.next(), view.streamTime(), segments));
        }
        case "archive" -> {
          below = number(p, 1);
          archivedNext = number(p, 2);
          // Those of before archives could be erased say no more.
          erased = p.length > 3 ? number(p, 3) : 0;
        }
        case "archived" -> files.add(segment(p));
        case "erasure" -> erasures.add(erasure(p));
        default -> throw new IllegalArgumentException(String.join("\t", p));
      }
    }
    Archived archived = new Archived(below, archivedNext, files, erased);
    return new Manifest(number, type, log, reach, points, ids, views, archived, erasures);
  }

  private static Erasure erasure(String[] p) {
    return new Erasure(
        number(p, 1),
        number(p, 2),
        URLDecoder.decode(p[3], StandardCharsets.UTF_8),
        Integer.parseInt(p[4]),
        number(p, 5),
        number(p, 6),
        number(p, 7),
        Boolean.parseBoolean(p[8]),
        p.length > 10 ? Integer.parseInt(p[9]) : 0,
        p.length > 10 ? number(p, 10) : 0);
  }

  private static SegmentRef segment(String[] p) {
    return new SegmentRef(
        p[1],
        number(p, 2),
        number(p, 3),
        number(p, 4),
        new FileSum(number(p, 5), hex(p[6])),
        number(p, 7),
        number(p, 8),
        sets(p[9]),
        number(p, 10));
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
}
