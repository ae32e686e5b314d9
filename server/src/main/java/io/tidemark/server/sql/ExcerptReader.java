package io.tidemark.server.sql;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlShards;
import io.tidemark.query.TimeRanges;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CheckedInputStream;
import java.util.zip.Checksum;

/// Takes the excerpts of one question. Their rows stay in the temporary folder until it is closed.
final class ExcerptReader implements SqlShards.Excerpts, AutoCloseable {
  static final int BUFFER = 1 << 16;

  /// Numbers files, of all questions.
  private static final AtomicLong FILES = new AtomicLong();

  private final Map<String, SqlTable> tables;
  private final SqlNeeds needs;
  private final Path folder;
  private final TemporaryRoom.Lease room;

  /// Of all excerpts that have come, kept or not.
  private final List<Path> files = new ArrayList<>();

  private final List<Taken> taken = new ArrayList<>();
  private boolean closed;

  /// What a node has sent.
  ///
  /// @param mark what it contains of each shard
  /// @param tables by name, all that the question needs
  record Taken(String node, Mark mark, Map<String, Table> tables) {}

  /// What it has sent of a table.
  ///
  /// @param rows those of a stream, where there are some
  /// @param groups those of a rollup
  record Table(
      TablePart.Files files,
      long inMemory,
      Optional<Path> rows,
      Optional<TablePart.Grouped> groups) {}

  /// @param tables by name
  /// @param room is given back on closing
  ExcerptReader(
      Map<String, SqlTable> tables, SqlNeeds needs, Path folder, TemporaryRoom.Lease room) {
    this.tables = tables;
    this.needs = needs;
    this.folder = folder;
    this.room = room;
  }

  static Path newFile(Path folder) {
    return folder.resolve("excerpt-" + FILES.getAndIncrement());
  }

  @Override
  public Runnable take(String node, Collection<StreamPartition> shards, InputStream body)
      throws IOException, SqlRefusedException {
    Arrival arrival = new Arrival();
    boolean whole = false;
    try {
      Taken excerpt = read(node, shards, body, arrival);
      whole = arrive(arrival);
      return () -> keep(excerpt);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException("what it has sent is no excerpt: " + e, e);
    } catch (Groups.TooMany _) {
      throw SqlExecutor.tooManyGroups();
    } finally {
      if (!whole) {
        room.remove(arrival.bytes);
        delete(arrival.files);
      }
    }
  }

  /// What has come of an excerpt so far.
  private static final class Arrival {
    private final List<Path> files = new ArrayList<>();
    private long bytes;
  }

  /// @return whether its files are deleted on closing; not where that has been done
  private synchronized boolean arrive(Arrival arrival) {
    if (!closed) {
      files.addAll(arrival.files);
    }
    return !closed;
  }

  private synchronized void keep(Taken excerpt) {
    taken.add(excerpt);
  }

  private static void delete(Collection<Path> files) throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  private Taken read(
      String node, Collection<StreamPartition> shards, InputStream body, Arrival arrival)
      throws IOException, SqlRefusedException {
    Checksum sum = ExcerptFile.newSum();
    DataInputStream in =
        new DataInputStream(new CheckedInputStream(new BufferedInputStream(body, BUFFER), sum));
    if (in.readInt() != ExcerptFile.MAGIC) {
      throw new UTFDataFormatException("what it has sent is no excerpt");
    }
    byte[] text = in.readNBytes(in.readInt());
    Mark mark = Mark.parse(new String(text, StandardCharsets.UTF_8));
    if (!mark.next().keySet().equals(Set.copyOf(shards))) {
      throw new IOException("it has sent an excerpt of %s for %s".formatted(mark, shards));
    }
    Map<String, Table> read = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = in.readUTF();
      read.put(name, readTable(name, in, arrival));
    }
    for (SqlNeeds.Table table : needs.tables()) {
      if (!read.containsKey(table.name())) {
        throw new IOException("it has sent nothing of " + table.name());
      }
    }
    long value = sum.getValue();
    if (in.readLong() != value) {
      throw new IOException("what it has sent has been changed on its way");
    }
    return new Taken(node, mark, read);
  }

  private Table readTable(String name, DataInputStream in, Arrival arrival)
      throws IOException, SqlRefusedException {
    SqlTable table = tables.get(name);
    if (table == null) {
      throw new IOException("it has sent rows of " + name);
    }
    int segments = in.readInt();
    List<String> names = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      names.add(in.readUTF());
    }
    TablePart.Files there = new TablePart.Files(segments, names);
    long inMemory = in.readLong();
    byte kind = in.readByte();
    return switch (kind) {
      case 'n' -> {
        if (needs.rows() && table.rollup().isPresent()) {
          throw new IOException("it has sent no groups of " + name);
        }
        yield new Table(there, inMemory, Optional.empty(), Optional.empty());
      }
      case 'r' -> {
        Path file = newFile(folder);
        arrival.files.add(file);
        copy(in, in.readLong(), file, arrival);
        yield new Table(there, inMemory, Optional.of(file), Optional.empty());
      }
      case 'g' -> {
        long notBefore = in.readLong();
        Groups groups =
            new Rollup(table.rollup().orElseThrow(), table.stream().type())
                .answer(TablePart.query(table, TimeRanges.ALL, TablePart.MAX_GROUPS));
        groups.read(in);
        yield new Table(
            there,
            inMemory,
            Optional.empty(),
            Optional.of(new TablePart.Grouped(groups, notBefore)));
      }
      default -> throw new UTFDataFormatException("kind of content: " + kind);
    };
  }

  private void copy(DataInputStream in, long length, Path file, Arrival arrival)
      throws IOException, SqlRefusedException {
    byte[] buffer = new byte[BUFFER];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = length; left > 0; ) {
        int some = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (some < 0) {
          throw new EOFException("%d bytes are missing".formatted(left));
        }
        if (!room.add(some)) {
          throw TemporaryRoom.full();
        }
        arrival.bytes += some;
        out.write(buffer, 0, some);
        left -= some;
      }
    }
  }

  /// What has been taken.
  synchronized List<Taken> taken() {
    return List.copyOf(taken);
  }

  @Override
  public void close() throws IOException {
    List<Path> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(files);
    }
    try (room) {
      delete(all);
    }
  }
}
