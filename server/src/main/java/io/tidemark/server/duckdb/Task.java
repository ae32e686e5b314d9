package io.tidemark.server.duckdb;

import java.io.InterruptedIOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.duckdb.DuckDBPreparedStatement;
import org.jspecify.annotations.Nullable;

/// A piece of work on its way through a worker, and the means to cut it short.
public final class Task implements Runnable {
  /// A deadline that does not come.
  static final long NEVER = Long.MAX_VALUE;

  /// How often a cancelled statement is told so: one that is told before it runs does not notice.
  private static final long CANCEL_EVERY_MS = 10;

  private final Work work;
  private final BlockingQueue<Workers.Seat> idle;
  private final CountDownLatch done = new CountDownLatch(1);

  /// What the work has thrown; written before `done`, read after it.
  private @Nullable Throwable failure;

  /// What the work runs with; for the thread that runs it.
  private Workers.@Nullable Seat seat;

  /// The statement to be cancelled; guarded by this.
  private @Nullable DuckDBPreparedStatement statement;

  private volatile boolean cancelled;

  /// Something to do with DuckDB.
  @FunctionalInterface
  public interface Work {
    void run(Task task) throws SQLException;
  }

  /// Thrown to the work when it shall end.
  private static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /// @param idle has a seat for each thread that runs tasks
  Task(Work work, BlockingQueue<Workers.Seat> idle) {
    this.work = work;
    this.idle = idle;
  }

  @Override
  public void run() {
    try {
      Workers.Seat taken = idle.remove();
      try {
        throwIfCancelled();
        seat = taken;
        work.run(this);
      } catch (Throwable t) {
        taken.forget();
        throw t;
      } finally {
        use(null);
        idle.add(taken);
      }
    } catch (Throwable t) {
      failure = t;
    } finally {
      done.countDown();
    }
  }

  /// Prepares the work's next statement; for the work only, which closes it.
  public DuckDBPreparedStatement prepare(String sql) throws SQLException {
    DuckDBPreparedStatement prepared = seat().connection().prepare(sql);
    use(prepared);
    return prepared;
  }

  /// The same for one of a few statements that are used again and again: it is prepared once for
  /// each thread, and the work does not close it.
  public DuckDBPreparedStatement keep(String sql) throws SQLException {
    Map<String, DuckDBPreparedStatement> kept = seat().kept();
    DuckDBPreparedStatement prepared = kept.get(sql);
    if (prepared == null) {
      prepared = seat().connection().prepare(sql);
      kept.put(sql, prepared);
    }
    use(prepared);
    return prepared;
  }

  private Workers.Seat seat() {
    Workers.Seat current = seat;
    if (current == null) {
      throw new IllegalStateException("not running");
    }
    return current;
  }

  /// To be called by the work every now and then.
  public void throwIfCancelled() {
    if (cancelled) {
      throw new Cut();
    }
  }

  private synchronized void use(@Nullable DuckDBPreparedStatement next) {
    statement = next;
  }

  private synchronized void cancel() {
    cancelled = true;
    if (statement != null) {
      try {
        statement.cancel();
      } catch (SQLException _) {
        // It has ended just now.
        statement = null;
      }
    }
  }

  /// Waits for the end and throws what the work has thrown. A caller that is interrupted cuts the
  /// work short, as does the deadline, and waits all the same: the work uses what belongs to the
  /// caller.
  void await(long deadlineNanos) throws SQLException, InterruptedIOException, TimeoutException {
    Cause cause = awaitOrCancel(deadlineNanos);
    boolean isCut = failure instanceof Cut || failure instanceof SQLException;
    if (cause == Cause.INTERRUPTED) {
      Thread.currentThread().interrupt();
      if (isCut) {
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(failure);
        throw interrupted;
      }
    }
    if (cause == Cause.LATE && isCut) {
      throw new TimeoutException("it took too long");
    }
    switch (failure) {
      case null -> {}
      case SQLException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  /// Why a work was cut short.
  private enum Cause {
    NONE,
    INTERRUPTED,
    LATE
  }

  /// @return why the work was told to end, if it was
  private Cause awaitOrCancel(long deadlineNanos) {
    Cause cause = Cause.NONE;
    while (true) {
      try {
        if (cause == Cause.NONE) {
          if (deadlineNanos == NEVER) {
            done.await();
            return cause;
          } else if (done.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            return cause;
          }
          cause = Cause.LATE;
        } else if (done.await(CANCEL_EVERY_MS, TimeUnit.MILLISECONDS)) {
          return cause;
        }
      } catch (InterruptedException _) {
        cause = Cause.INTERRUPTED;
      }
      cancel();
    }
  }
}
