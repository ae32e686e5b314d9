package io.tidemark.server.registry;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventType;
import io.tidemark.event.Hashing;
import io.tidemark.log.SharedLog;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All versions of all schemas, as the shared log has them. Many threads may use it.
///
/// A record of the log counts where it is the next version of its subject, and its id is new or of
/// the same schema; else somebody was faster, and it is passed over. All nodes decide that alike,
/// so who has appended a version reads the log to see whether it is there.
public final class SchemaRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistry.class);

  /// How often somebody else may be faster with a version.
  static final int ATTEMPTS = 100;

  /// Of what anybody may register. More is a mistake, or somebody registers in a loop. All nodes
  /// have the same limits: they are a part of which record of the log counts.
  private static final int MAX_FREE_LENGTH = 64 << 10;

  private static final int MAX_FREE_TOTAL = 64 << 20;
  private static final int MAX_FREE_OF_SUBJECT = 1_000;
  private static final int MAX_FREE = 20_000;

  private final SharedLog log;

  /// Held while the log is read, which may take long: what is known can be asked meanwhile.
  private final Object reading = new Object();

  private final Map<String, List<SchemaVersion>> subjects = new TreeMap<>();
  private final Map<Integer, SchemaVersion> byId = new HashMap<>();

  /// Versions of schemas that are no stream's.
  private int free;

  /// Their characters, and those of their subjects' names.
  private long freeTotal;

  public SchemaRegistry(SharedLog log) {
    this.log = log;
  }

  /// Takes what has come since the last time.
  public void refresh() throws IOException {
    synchronized (reading) {
      for (byte[] record : log.read()) {
        Optional<SchemaVersion> version = SchemaRecords.decode(record);
        if (version.isEmpty()) {
          LOG.warn("a record of {} bytes among the schemas is not understood", record.length);
        } else {
          take(version.get());
        }
      }
    }
  }

  private synchronized void take(SchemaVersion version) {
    List<SchemaVersion> known = subjects.getOrDefault(version.subject(), List.of());
    SchemaVersion sameId = byId.get(version.id());
    boolean idIsRight = sameId == null || sameId.hasText(version.kind(), version.text());
    if (version.version() == known.size() + 1 && idIsRight && noRoom(version).isEmpty()) {
      subjects.computeIfAbsent(version.subject(), _ -> new ArrayList<>()).add(version);
      byId.putIfAbsent(version.id(), version);
      if (version.stream().isEmpty()) {
        free++;
        freeTotal += length(version);
      }
    }
  }

  private static int length(SchemaVersion version) {
    return version.subject().length() + version.text().length();
  }

  /// Which limit a version goes beyond; empty where it is within all of them, as a stream's always
  /// is.
  synchronized String noRoom(SchemaVersion version) {
    int length = length(version);
    if (version.stream().isPresent()) {
      return "";
    } else if (length > MAX_FREE_LENGTH) {
      return "the schema and its subject have %d characters; at most %d are taken"
          .formatted(length, MAX_FREE_LENGTH);
    } else if (version.version() > MAX_FREE_OF_SUBJECT) {
      return "subject %s has %d versions, as many as it may have"
          .formatted(version.subject(), MAX_FREE_OF_SUBJECT);
    } else if (free >= MAX_FREE) {
      return "there are %d versions of schemas, as many as there may be".formatted(MAX_FREE);
    } else if (freeTotal + length > MAX_FREE_TOTAL) {
      return "there are %d characters of schemas, and no room for %d more"
          .formatted(freeTotal, length);
    }
    return "";
  }

  synchronized List<String> subjects() {
    return List.copyOf(subjects.keySet());
  }

  /// The versions of a subject, ascending; none where there is no such subject.
  synchronized List<SchemaVersion> versions(String subject) {
    return List.copyOf(subjects.getOrDefault(subject, List.of()));
  }

  synchronized Optional<SchemaVersion> newest(String subject) {
    List<SchemaVersion> versions = subjects.getOrDefault(subject, List.of());
    return versions.isEmpty() ? Optional.empty() : Optional.of(versions.getLast());
  }

  synchronized Optional<SchemaVersion> byId(int id) {
    return Optional.ofNullable(byId.get(id));
  }

  /// All versions with an id.
  synchronized List<SchemaVersion> allWith(int id) {
    return subjects.values().stream().flatMap(List::stream).filter(v -> v.id() == id).toList();
  }

  /// A version that follows the newest one of a subject, of a stream's records.
  synchronized SchemaVersion next(String subject, String stream, EventType type, String avro) {
    return new SchemaVersion(
        subject,
        versions(subject).size() + 1,
        EventCodec.schemaId(type),
        Kind.AVRO,
        avro,
        Optional.of(stream),
        Optional.of(type));
  }

  /// A version that follows the newest one of a subject, of any other schema: its id is that of the
  /// same schema elsewhere, or a hash of its text below those of streams, or what is free after it.
  synchronized SchemaVersion next(String subject, Kind kind, String text, Optional<String> stream) {
    byte[] hashed = (kind + text).getBytes(StandardCharsets.UTF_8);
    int id = Math.max(1, (int) Hashing.hash64(hashed) & (EventCodec.LEAST_SCHEMA_ID - 1));
    for (SchemaVersion taken = byId.get(id);
        taken != null && !taken.hasText(kind, text);
        taken = byId.get(id)) {
      id = id == EventCodec.LEAST_SCHEMA_ID - 1 ? 1 : id + 1;
    }
    return new SchemaVersion(
        subject, versions(subject).size() + 1, id, kind, text, stream, Optional.empty());
  }

  /// Appends a version that was made of what is known.
  ///
  /// @return whether it is in force now; where it is not, somebody else was faster: look again
  boolean append(SchemaVersion version) throws IOException {
    log.append(SchemaRecords.encode(version));
    refresh();
    return versions(version.subject()).contains(version);
  }
}
