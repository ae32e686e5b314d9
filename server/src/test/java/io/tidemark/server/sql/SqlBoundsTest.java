package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Catalog;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.Snapshots;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.query.SqlShards;
import io.tidemark.shard.HeldShards;
import io.tidemark.shard.ShardClosedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a question in SQL may take, and what may be taken from it.
class SqlBoundsTest {
  @TempDir private Path folder;

  private SqlLab lab() throws IOException {
    SqlLab lab = new SqlLab(folder, 2, Optional.empty());
    lab.add(0, 0, row -> row.setText(SqlLab.ACTION, "BUY"));
    lab.add(1, 0, row -> row.setText(SqlLab.ACTION, "BUY"));
    lab.checkpoint(0);
    lab.publish();
    return lab;
  }

  @Test
  void aParquetFileEndsWhereItBecomesTooLarge() throws Exception {
    try (SqlLab lab = lab()) {
      // A quarter of a gigabyte of what can hardly be compressed, and more than it may have.
      String numbers =
          IntStream.range(0, 8).mapToObj(Integer::toString).collect(Collectors.joining(", "));
      String sql =
          "SELECT list_transform([%s], lambda x: md5((8 * range + x)::VARCHAR)) FROM range(1000000)"
              .formatted(numbers);
      FutureTask<String> answer =
          new FutureTask<>(
              () ->
                  lab.text(new SqlQuestion(sql, List.of(), 1_000_000, 60_000), SqlFormat.PARQUET));
      Thread asker = Thread.ofPlatform().start(answer);
      long largest = 0;
      while (asker.isAlive()) {
        largest = Math.max(largest, sizeOfAnswers());
      }
      assertThatThrownBy(answer::get)
          .cause()
          .isInstanceOfSatisfying(
              SqlRefusedException.class,
              e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.TOO_LARGE));
      assertThat(largest).isBetween(1L, 128L << 20);
      try (Stream<Path> left = Files.list(folder.resolve("sql"))) {
        assertThat(left.filter(f -> f.getFileName().toString().contains("answer"))).isEmpty();
      }
    }
  }

  private long sizeOfAnswers() {
    try (Stream<Path> files = Files.list(folder.resolve("sql"))) {
      return files
          .filter(f -> f.getFileName().toString().contains("answer"))
          .mapToLong(f -> f.toFile().length())
          .sum();
    } catch (IOException _) {
      return 0;
    }
  }

  /// Shards that nobody asks for.
  private static final Snapshots NONE =
      new Snapshots() {
        @Override
        public <T> T read(
            Collection<StreamPartition> shards, Queries.After after, HeldShards.Reading<T> reader) {
          throw new IllegalStateException();
        }
      };

  /// Shards that cannot be had before somebody interrupts.
  private static final class Never implements SqlShards {
    @Override
    public <T> T read(
        SqlNeeds needs,
        Queries.After after,
        long deadlineNanos,
        Excerpts excerpts,
        HeldShards.Reading<T> reader)
        throws IOException {
      try {
        new CountDownLatch(1).await();
        throw new IllegalStateException();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException();
      }
    }
  }

  @Test
  void whateverAQuestionWaitsForItsTimeHasAnEnd() throws Exception {
    SqlOptions options =
        new SqlOptions(
            folder.resolve("sql"), List.of(folder), 128L << 20, 1L << 20, 1L << 20, 1L << 20, 1, 1);
    try (DuckSql sql = new DuckSql(new Catalog(List.of()), new Never(), NONE, options)) {
      assertThatThrownBy(
              () ->
                  sql.answer(
                      new SqlQuestion("SELECT 1", List.of(), 1, 500),
                      SqlFormat.JSON,
                      new Queries.After(Mark.NONE, System.nanoTime())))
          .isInstanceOfSatisfying(
              SqlRefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_SLOW));
      assertThat(Thread.interrupted()).isFalse();
    }
  }

  @Test
  void aShardThatIsClosedDoesNotWaitForQuestions() throws Exception {
    try (SqlLab lab = lab()) {
      FutureTask<String> answer =
          new FutureTask<>(
              () ->
                  lab.text(
                      new SqlQuestion(
                          "SELECT count(*) FROM tags, range(1000000) a, range(1000000) b WHERE a.range + b.range + _offset = 7",
                          List.of(),
                          10,
                          60_000),
                      SqlFormat.JSON));
      var _ = Thread.startVirtualThread(answer);
      lab.awaitHeld();
      lab.closeShards();
      assertThatThrownBy(answer::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ShardClosedException.class);
    }
  }
}
