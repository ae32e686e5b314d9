package io.tidemark.server.sql;

import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.TimeRanges;
import io.tidemark.rollup.Groups;
import io.tidemark.server.duckdb.FileShapes;
import io.tidemark.server.duckdb.RowsFunction;
import io.tidemark.server.duckdb.Sql;
import io.tidemark.server.duckdb.Task;
import io.tidemark.shard.HeldShards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;

/// Writes excerpts of shards that are held.
record ExcerptWriter(
    FilesRun files,
    RowsFunction memory,
    FileShapes shapes,
    Path folder,
    TemporaryRoom room,
    ScheduledExecutorService timers) {
  /// @param tables by name
  ExcerptFile write(
      HeldShards held, SqlNeeds needs, Map<String, SqlTable> tables, long deadlineNanos)
      throws SqlRefusedException, IOException, TimeoutException {
    Map<SqlTable, TimeRanges> times = new LinkedHashMap<>();
    for (SqlNeeds.Table table : needs.tables()) {
      times.put(java.util.Objects.requireNonNull(tables.get(table.name())), table.times());
    }
    TemporaryRoom.Lease lease = room.lease();
    ExcerptFile excerpt = new ExcerptFile(lease);
    boolean done = false;
    try (SqlViews views = SqlViews.of(held, List.of(), times, memory, !needs.rows())) {
      excerpt.begin(views.mark(), views.parts().size());
      done =
          files.run(
              held,
              needs.rows() ? views.wanted() : List.of(),
              (task, paths) -> {
                for (int i = 0; i < views.parts().size(); i++) {
                  TablePart part = views.parts().get(i);
                  excerpt.table(part);
                  if (!needs.rows()) {
                    excerpt.nothing();
                  } else if (part.grouped().isPresent()) {
                    TablePart.Grouped grouped = part.grouped().get();
                    excerpt.groups(
                        grouped.groups(), grouped.notBefore(), ExcerptReader.newFile(folder));
                  } else {
                    String rows = part.stored(needs.tables().get(i).columns(), task, shapes, paths);
                    copy(task, rows, excerpt, lease);
                  }
                  task.throwIfCancelled();
                }
                return true;
              },
              deadlineNanos);
      return excerpt;
    } catch (Groups.TooMany _) {
      throw SqlExecutor.tooManyGroups();
    } catch (BoundedOutput.Full _) {
      throw TemporaryRoom.full();
    } finally {
      if (!done) {
        excerpt.close();
      }
    }
  }

  private void copy(Task task, String rows, ExcerptFile excerpt, TemporaryRoom.Lease lease)
      throws SQLException, IOException {
    Path file = ExcerptReader.newFile(folder);
    boolean kept = false;
    String copy =
        "COPY (%s) TO %s (FORMAT parquet, COMPRESSION lz4)"
            .formatted(rows, Sql.literal(file.toString()));
    Growth growth = new Growth(lease);
    try (PreparedStatement statement = task.prepare(copy);
        GrowthWatch watch = new GrowthWatch(file, growth::fits, statement, timers)) {
      long count;
      try {
        count = statement.executeLargeUpdate();
      } catch (SQLException e) {
        if (watch.isFull()) {
          throw new BoundedOutput.Full();
        }
        throw e;
      }
      if (!growth.fits(Files.size(file))) {
        throw new BoundedOutput.Full();
      }
      if (count == 0) {
        excerpt.nothing();
      } else {
        excerpt.rows(file);
        kept = true;
      }
    } finally {
      if (!kept) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// How large a file has become, and whether there is room for it.
  private static final class Growth {
    private final TemporaryRoom.Lease lease;
    private long size;

    Growth(TemporaryRoom.Lease lease) {
      this.lease = lease;
    }

    synchronized boolean fits(long sizeNow) {
      if (sizeNow > size) {
        if (!lease.add(sizeNow - size)) {
          return false;
        }
        size = sizeNow;
      }
      return true;
    }
  }
}
