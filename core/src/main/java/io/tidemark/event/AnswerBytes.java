package io.tidemark.event;

/// Counts the bytes of the events that an answer holds, within a limit. An answer's rows are
/// limited by its query, but an event may have a megabyte.
public final class AnswerBytes {
  private static final long ANY = 4 << 20;
  private static final long EACH_ROW = 2 << 10;

  private final long limit;
  private long bytes;

  /// @param rows how many events the query asks for
  public AnswerBytes(int rows) {
    this.limit = limit(rows);
  }

  /// How many bytes events may have in an answer of up to so many rows: 4 MiB and 2 KiB a row.
  public static long limit(int rows) {
    return ANY + rows * EACH_ROW;
  }

  /// An answer's events would have more bytes than they may.
  public static final class TooLarge extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message also what another node has said
    public TooLarge(String message) {
      super(message, null, false, false);
    }

    /// @param limit how many bytes there may be
    public TooLarge(long limit) {
      this("the events of the answer have more than %d kB; ask for fewer".formatted(limit >> 10));
    }
  }

  /// An event comes in.
  ///
  /// @throws TooLarge beyond the limit
  public void add(StoredEvent event) {
    bytes += event.value().length;
    if (bytes > limit) {
      throw new TooLarge(limit);
    }
  }

  /// An event has to make room for another.
  public void remove(StoredEvent event) {
    bytes -= event.value().length;
  }
}
