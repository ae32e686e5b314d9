package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.server.duckdb.Task;
import io.tidemark.server.duckdb.Workers;
import io.tidemark.shard.HeldShards;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/// Runs work over files of held shards, and finds out whose fault it is where it fails.
record FilesRun(Workers workers) {
  /// Something that is done with files.
  @FunctionalInterface
  interface Work<T> {
    T run(Task task, List<Path> paths) throws SQLException, IOException;
  }

  /// @param wanted the files
  /// @throws SqlRefusedException where the question is at fault
  /// @throws IOException where the files are, or the node
  /// @throws TimeoutException where the time is over
  <T> T run(HeldShards held, List<HeldShards.Wanted> wanted, Work<T> work, long deadlineNanos)
      throws SqlRefusedException, IOException, TimeoutException {
    try {
      return held.files(wanted, paths -> run(paths, work, deadlineNanos));
    } catch (DoubtedException e) {
      throw e.refusal;
    } catch (WrappedException e) {
      throw e.refusal();
    }
  }

  private <T> T run(List<Path> paths, Work<T> work, long deadlineNanos) throws IOException {
    AtomicReference<T> result = new AtomicReference<>();
    try {
      workers.run(
          task -> {
            try {
              result.set(work.run(task, paths));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          },
          deadlineNanos);
    } catch (SQLException e) {
      // Shards' files are doubted where reading them fails, not where the question is at fault.
      SqlRefusedException refusal = SqlFailures.refusal(e);
      if (SqlFailures.mayBeOfFiles(e)) {
        throw new DoubtedException(refusal);
      }
      throw new WrappedException(refusal);
    } catch (TimeoutException e) {
      throw new WrappedException(e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return Objects.requireNonNull(result.get());
  }

  /// Files may be at fault: whoever hands them over looks at them again. Where nothing is wrong
  /// with them the question is refused.
  private static final class DoubtedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient SqlRefusedException refusal;

    DoubtedException(SqlRefusedException refusal) {
      super(refusal);
      this.refusal = refusal;
    }
  }

  /// Carries out of the reading of files what is not the files' fault.
  private static final class WrappedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrappedException(Exception cause) {
      super(cause);
    }

    SqlRefusedException refusal() throws TimeoutException {
      if (getCause() instanceof TimeoutException e) {
        throw e;
      }
      return (SqlRefusedException) Objects.requireNonNull(getCause());
    }
  }
}
