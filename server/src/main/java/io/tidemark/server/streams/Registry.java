package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.DamagedException;
import io.tidemark.shard.IncompatibleStateException;
import io.tidemark.shard.ShardLog;
import io.tidemark.shard.UnrecoverableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The shards that this node has open.
///
/// While it starts, Streams opens each store it finds on disk, asks for its position, closes it,
/// and opens it again when the shard is assigned. So that each shard is really opened once, one
/// that is closed during the start is *parked*: still open, for whoever opens it next.
final class Registry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Registry.class);

  private final ShardOpener opener;
  private final Map<StreamPartition, HostedShard> hosted = new ConcurrentHashMap<>();
  private final Map<StreamPartition, HostedShard> parked = new ConcurrentHashMap<>();
  private final Map<StreamPartition, Failure> failures = new ConcurrentHashMap<>();

  /// Those whose files were found damaged while they were open.
  private final Set<StreamPartition> damaged = ConcurrentHashMap.newKeySet();

  private final Function<StreamPartition, ShardLog> logs;
  private volatile boolean starting = true;

  /// Why a shard is not open.
  record Failure(String why, Kind kind) {
    enum Kind {
      /// It is tried again.
      PASSING,
      /// It stays closed until the next start.
      CLOSED,
      /// The same, since its files are damaged beyond repair.
      DAMAGED
    }
  }

  Registry(ShardOpener opener, Function<StreamPartition, ShardLog> logs) {
    this.opener = opener;
    this.logs = logs;
  }

  /// From now on closing is closing.
  void started() {
    starting = false;
  }

  /// Opens a shard.
  ///
  /// @return nothing where this cannot succeed before the next start; [#failures] says why
  /// @throws UncheckedIOException where trying again may help
  Optional<HostedShard> open(StreamPartition id, HostContext context) {
    HostedShard waiting = parked.remove(id);
    if (waiting != null) {
      hosted.put(id, waiting);
      return Optional.of(waiting);
    }
    try {
      boolean thorough = damaged.contains(id);
      HostedShard shard =
          new HostedShard(
              opener.open(id.stream(), id.partition(), logs.apply(id), thorough), context);
      if (thorough) {
        log.warn("shard {}: its files have been read again; it goes on at {}", id, shard.next());
        damaged.remove(id);
      }
      shard.shard().notes().forEach(note -> log.warn("{}", note));
      hosted.put(id, shard);
      failures.remove(id);
      context.lookSoon();
      return Optional.of(shard);
    } catch (IncompatibleStateException e) {
      log.error("shard {} stays closed: {}", id, e.getMessage());
      boolean isDamaged = e instanceof UnrecoverableException;
      failures.put(
          id,
          new Failure(
              "stays closed: " + e.getMessage(),
              isDamaged ? Failure.Kind.DAMAGED : Failure.Kind.CLOSED));
      return Optional.empty();
    } catch (IOException e) {
      failures.put(id, new Failure("cannot be opened: " + e, Failure.Kind.PASSING));
      if (DamagedException.in(e).isPresent()) {
        damaged.add(id);
      }
      if (starting) {
        // Streams only wants to know the position; the real opening will try again.
        log.warn("shard {} cannot be opened yet", id, e);
        return Optional.empty();
      }
      throw new UncheckedIOException("shard " + id + " cannot be opened", e);
    }
  }

  void close(HostedShard shard) {
    if (!hosted.remove(shard.id(), shard)) {
      return;
    }
    boolean isDamaged = shard.progress().isLost();
    if (isDamaged) {
      damaged.add(shard.id());
    }
    if (starting && !isDamaged) {
      parked.put(shard.id(), shard);
    } else {
      reallyClose(shard);
    }
  }

  private static void reallyClose(HostedShard shard) {
    try {
      shard.close();
    } catch (IOException e) {
      // What it has written stays whole; the next opening reads the last checkpoint.
      log.warn("shard {} did not close well", shard.id(), e);
    }
  }

  /// Closes what was opened at the start for shards that went to other nodes.
  void closeParked() {
    for (StreamPartition id : List.copyOf(parked.keySet())) {
      HostedShard shard = parked.remove(id);
      if (shard != null) {
        reallyClose(shard);
      }
    }
  }

  Optional<HostedShard> find(StreamPartition id) {
    return Optional.ofNullable(hosted.get(id));
  }

  Collection<HostedShard> all() {
    return new ArrayList<>(hosted.values());
  }

  /// Why shards that should be open are not.
  Map<StreamPartition, Failure> failures() {
    return Map.copyOf(failures);
  }

  @Override
  public void close() {
    started();
    closeParked();
    all().forEach(this::close);
  }
}
