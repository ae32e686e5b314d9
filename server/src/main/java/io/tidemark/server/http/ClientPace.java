package io.tidemark.server.http;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Sees to it that clients do in time what is theirs to do: send headers and a body, read the
/// answer, send the next request. Who does not is cut off, so that nobody holds a connection,
/// memory or a part of a budget for ever. The time that the node takes itself is not counted.
///
/// The server's own limits do not do this: its reads and writes wait without end.
///
/// Each connection's thread says what it waits for. A thread of this one looks now and then, and
/// interrupts those that have waited for too long, which closes their connections.
final class ClientPace implements AutoCloseable {
  /// What a connection waits for.
  enum Wait {
    /// Nothing: it is the node's turn.
    NONE,
    HEAD,
    BODY,
    NEXT_REQUEST,
    READ_ANSWER,
    /// It has waited too long; its thread has been, or is about to be, interrupted.
    OVER
  }

  private static final ThreadLocal<@Nullable Connection> CURRENT = new ThreadLocal<>();
  private static final long NEVER = Long.MAX_VALUE;

  /// What of a file is in memory on its way.
  private static final long FILE_BUFFER = 1 << 16;

  /// What is thrown away of refused bodies in a second, of all clients together: clients that go on
  /// sending take a small part of a processor.
  private static final long THROWN_AWAY_BYTES_A_SECOND = 128L << 20;

  /// Memory of what comes, beside its bytes, each time that something does.
  private static final int CHUNK_OVERHEAD = 64;

  /// Where fewer connections than this part of the limit are free, some are closed; how many at a
  /// time, so that looking for them costs little.
  private static final int RESERVED_PART = 16;

  private static final int CLOSED_PART = 32;

  /// A client far away needs a while to say what it wants.
  private static final long JUST_COME_NANOS = 250_000_000;

  /// Shorter waits cost more than they spare.
  private static final long THROW_AWAY_STEP_NANOS = 1_000_000;

  private final HttpLimits limits;
  private final ApiMetrics metrics;
  private final long startNanos = System.nanoTime();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicLong unreadBytes = new AtomicLong();
  private final AtomicLong headBytes = new AtomicLong();

  /// Whether room is being made for further connections.
  private final AtomicBoolean makingRoom = new AtomicBoolean();

  /// When the next bytes may be thrown away.
  private final AtomicLong throwAwayNanos = new AtomicLong();

  private final ScheduledExecutorService looker =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-pace").daemon().unstarted(task));

  ClientPace(HttpLimits limits, ApiMetrics metrics) {
    this.limits = limits;
    this.metrics = metrics;
    long everyMs = Math.clamp(limits.head().toMillis() / 10, 10, 1_000);
    var _ = looker.scheduleWithFixedDelay(this::look, everyMs, everyMs, TimeUnit.MILLISECONDS);
  }

  /// One connection, on a thread of its own.
  private final class Connection {
    private final Thread thread = Thread.currentThread();

    // All guarded by this.
    private Wait wait = Wait.NONE;
    private long sinceNanos;
    private long untilNanos = NEVER;
    private long unread;
    private boolean fromFiles;
    private boolean isHead = true;
    private long head;

    /// Goes on to wait for something else.
    synchronized void begin(Wait next, long patienceNanos, long bytes) {
      if (wait == Wait.OVER) {
        throw new CloseConnectionException("the client has taken too long");
      }
      wait = next;
      sinceNanos = now();
      untilNanos = patienceNanos == NEVER ? NEVER : sinceNanos + patienceNanos;
      unreadBytes.addAndGet(bytes - unread);
      unread = bytes;
    }

    /// @param bytes of the answer, all of which are in memory, unless it comes from files
    synchronized void beginAnswer(long patienceNanos, long bytes) {
      begin(Wait.READ_ANSWER, patienceNanos, fromFiles ? Math.min(bytes, FILE_BUFFER) : bytes);
      fromFiles = false;
    }

    synchronized void answersFromFiles() {
      fromFiles = true;
    }

    synchronized void beginBody() {
      isHead = false;
      begin(Wait.BODY, limits.body().plus(limits.body().dividedBy(4)).toNanos(), 0);
    }

    synchronized void beginRest() {
      isHead = false;
      begin(Wait.BODY, limits.body().dividedBy(4).toNanos(), 0);
    }

    void awaitThrowAway(int bytes) {
      long takesNanos = bytes * 1_000_000_000L / THROWN_AWAY_BYTES_A_SECOND;
      long now = now();
      long next = throwAwayNanos.updateAndGet(at -> Math.max(at, now) + takesNanos);
      if (next - now > THROW_AWAY_STEP_NANOS) {
        LockSupport.parkNanos(next - now);
      }
    }

    boolean isBodyLate() {
      return waitedNanos(Wait.BODY) > limits.body().toNanos();
    }

    synchronized void beginNextRequest() {
      begin(Wait.NEXT_REQUEST, limits.idle().toNanos(), 0);
      isHead = true;
    }

    synchronized void addHead(int bytes) {
      if (isHead && wait != Wait.OVER) {
        head += bytes + CHUNK_OVERHEAD;
        headBytes.addAndGet(bytes + CHUNK_OVERHEAD);
      }
    }

    synchronized void headRead() {
      begin(Wait.NONE, NEVER, 0);
      isHead = false;
      headBytes.addAndGet(-head);
      head = 0;
    }

    synchronized long head() {
      return head;
    }

    synchronized long waitedNanos(Wait forWhat) {
      return wait == forWhat ? now() - sinceNanos : -1;
    }

    boolean hasEnded() {
      if (thread.isAlive()) {
        return false;
      }
      forget();
      return true;
    }

    synchronized void cutIfLate() {
      if (now() > untilNanos) {
        cut(wait);
      }
    }

    /// What it waits for; null where that is not its client.
    synchronized @Nullable Waiter waiter() {
      return wait == Wait.NONE || wait == Wait.OVER ? null : new Waiter(this, wait, sinceNanos);
    }

    synchronized void cutIfStill(Wait at, long since) {
      if (wait == at && sinceNanos == since) {
        cut(at);
      }
    }

    synchronized void cut(Wait at) {
      if (wait == Wait.NONE || wait == Wait.OVER) {
        return;
      }
      metrics.cut(at.name().toLowerCase(java.util.Locale.ROOT));
      wait = Wait.OVER;
      untilNanos = NEVER;
      forget();
      // It counts no more, even before its thread has ended.
      connections.remove(this);
      thread.interrupt();
    }

    synchronized void forget() {
      unreadBytes.addAndGet(-unread);
      unread = 0;
      headBytes.addAndGet(-head);
      head = 0;
    }
  }

  /// A connection that waits for its client, as it was for a moment.
  private record Waiter(Connection connection, Wait at, long sinceNanos) {
    /// Whether it has had time enough to say what it wants, and has not.
    boolean isSilentSince(long nanos) {
      return (at == Wait.NEXT_REQUEST || at == Wait.HEAD) && sinceNanos < nanos;
    }

    void cut() {
      connection.cutIfStill(at, sinceNanos);
    }
  }

  /// Hears what comes in.
  Http1ConnectionListener incoming() {
    return new Http1ConnectionListener() {
      @Override
      public void prologue(ConnectionContext context, HttpPrologue prologue) {
        current().begin(Wait.HEAD, limits.head().toNanos(), 0);
      }

      @Override
      public void headers(ConnectionContext context, Headers headers) {
        current().headRead();
      }
    };
  }

  /// A connection begins, on the present thread.
  void connected() {
    current().beginNextRequest();
    if (connections.size() > mostHeld() && makingRoom.compareAndSet(false, true)) {
      try {
        makeRoom();
      } finally {
        makingRoom.set(false);
      }
    }
  }

  private int mostHeld() {
    return limits.connections() - limits.connections() / RESERVED_PART;
  }

  /// Connections have become few: those that keep the node waiting make room for new ones. Who is
  /// silent is given up before those who are being served or have just come, and who has been
  /// waited for longest first. (nginx does the same with its idle connections, in
  /// `ngx_drain_connections`.)
  private void makeRoom() {
    connections.removeIf(Connection::hasEnded);
    if (connections.size() <= mostHeld()) {
      return;
    }
    Connection mine = current();
    long old = now() - JUST_COME_NANOS;
    connections.stream()
        .filter(c -> c != mine)
        .map(Connection::waiter)
        .filter(Objects::nonNull)
        .sorted(
            Comparator.comparing((Waiter w) -> !w.isSilentSince(old))
                .thenComparingLong(Waiter::sinceNanos))
        .limit(Math.max(1, limits.connections() / CLOSED_PART))
        .forEach(Waiter::cut);
  }

  /// Something has come on the present connection.
  void came(int bytes) {
    current().addHead(bytes);
    if (headBytes.get() > limits.headBytes()) {
      connections.stream()
          .max(Comparator.comparingLong(Connection::head))
          .ifPresent(c -> c.cut(Wait.HEAD));
    }
  }

  /// Hears what goes out, before it does.
  Http1ConnectionListener outgoing() {
    return new Http1ConnectionListener() {
      @Override
      public void headers(ConnectionContext context, Headers headers) {
        long bytes = headers.contentLength().orElse(0);
        Duration patience = limits.answer().plusSeconds(bytes / HttpLimits.ANSWER_BYTES_A_SECOND);
        current().beginAnswer(patience.toNanos(), bytes);
        if (unreadBytes.get() > limits.unreadBytes()) {
          cutSlowestReader();
        }
      }
    };
  }

  private Connection current() {
    Connection connection = CURRENT.get();
    if (connection == null) {
      connection = new Connection();
      CURRENT.set(connection);
      connections.add(connection);
    }
    return connection;
  }

  /// The present connection's body is going to be read.
  static void awaitBody() {
    Connection connection = CURRENT.get();
    if (connection != null) {
      connection.beginBody();
    }
  }

  /// The next answer on the present connection is read from files while it is sent.
  static void answersFromFiles() {
    Connection connection = CURRENT.get();
    if (connection != null) {
      connection.answersFromFiles();
    }
  }

  /// What is left of the present connection's body is going to be read, though nobody wants it.
  static void awaitRest() {
    Connection connection = CURRENT.get();
    if (connection != null) {
      connection.beginRest();
    }
  }

  /// So many bytes of what is left have been read; waits until it is time for more.
  static void thrownAway(int bytes) {
    Connection connection = CURRENT.get();
    if (connection != null) {
      connection.awaitThrowAway(bytes);
    }
  }

  /// Whether the body that the present connection waits for has taken longer than it may. There is
  /// a while left to say so to the client.
  static boolean isBodyLate() {
    Connection connection = CURRENT.get();
    return connection != null && connection.isBodyLate();
  }

  /// The body has been read.
  static void bodyRead() {
    Connection connection = CURRENT.get();
    if (connection != null) {
      connection.begin(Wait.NONE, NEVER, 0);
    }
  }

  /// The request has been answered.
  static void awaitNextRequest() {
    Connection connection = CURRENT.get();
    if (connection != null) {
      connection.beginNextRequest();
    }
  }

  private long now() {
    return System.nanoTime() - startNanos;
  }

  private void look() {
    connections.removeIf(Connection::hasEnded);
    connections.forEach(Connection::cutIfLate);
  }

  private void cutSlowestReader() {
    Connection mine = current();
    connections.stream()
        .filter(c -> c != mine && c.waitedNanos(Wait.READ_ANSWER) >= 0)
        .max(Comparator.comparingLong(c -> c.waitedNanos(Wait.READ_ANSWER)))
        .ifPresent(c -> c.cut(Wait.READ_ANSWER));
  }

  @Override
  public void close() {
    looker.shutdownNow();
  }
}
