package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.jspecify.annotations.Nullable;

/// A shard in the shape in which Streams keeps state. Its position is the shard's own; what Streams
/// hands in with `commit` is not taken for it.
final class ShardStore implements StateStore {
  /// The name of every store; its task tells which shard it is.
  static final String NAME = "shard";

  private final String stream;
  private final Registry registry;
  private final HostContext context;
  private Optional<HostedShard> shard = Optional.empty();
  private Optional<TaskId> task = Optional.empty();
  private long skippedTo;
  private boolean open;

  /// Streams has dropped the position since the log no longer has it: it must read from the start
  /// of what there is. The shard skips what it knows, and counts what is missing.
  private boolean reset;

  ShardStore(String stream, Registry registry, HostContext context) {
    this.stream = stream;
    this.registry = registry;
    this.context = context;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void init(StateStoreContext streams, StateStore root) {
    markFolder(streams.stateDir().toPath());
    StreamPartition id = new StreamPartition(stream, streams.taskId().partition());
    shard = registry.open(id, context);
    task = Optional.of(streams.taskId());
    open = true;
    streams.register(root, new Restore());
  }

  /// Streams remembers, and tells the other nodes, only of tasks whose folder has something in it.
  private static void markFolder(Path folder) {
    try {
      Path mark = folder.resolve("shard");
      if (!Files.exists(mark)) {
        Files.createDirectories(folder);
        Files.createFile(mark);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into " + folder, e);
    }
  }

  /// The shard, unless it cannot be opened before the next start.
  Optional<HostedShard> shard() {
    return shard;
  }

  /// Applies records. Those of a shard that could not be opened are passed over: nothing but a
  /// checkpoint moves the position from which it will read when it can.
  void apply(List<ConsumerRecord<byte[], byte[]>> records) {
    if (shard.isPresent()) {
      requireWhole();
      try {
        shard.get().apply(records);
      } catch (RuntimeException e) {
        requireWhole();
        throw e;
      }
    } else if (!records.isEmpty()) {
      skippedTo = records.getLast().offset() + 1;
    }
  }

  /// Has Streams close and open an active shard again that must not go on as it is.
  ///
  /// @throws TaskCorruptedException which tells Streams so
  void requireWhole() {
    if (isLost()) {
      throw new TaskCorruptedException(task.stream().collect(Collectors.toSet()));
    }
  }

  private boolean isLost() {
    return shard.filter(s -> s.progress().isLost()).isPresent();
  }

  /// Applies the records read before a task is active, or on a standby. Whatever is thrown here
  /// ends the thread, so a shard that must not go on passes them over: the consumer that they come
  /// from has Streams open it again, see [BatchClients].
  private final class Restore implements RecordBatchingStateRestoreCallback {
    @Override
    public void restoreBatch(Collection<ConsumerRecord<byte[], byte[]>> records) {
      try {
        apply(List.copyOf(records));
        shard.ifPresent(HostedShard::publish);
      } catch (RuntimeException e) {
        if (!isLost()) {
          throw e;
        }
      }
    }
  }

  /// Deprecated from birth, since one day every store will; until then it must be said.
  @Override
  @SuppressWarnings("deprecation")
  public boolean managesOffsets() {
    return true;
  }

  @Override
  public boolean persistent() {
    return true;
  }

  /// The last offset that was applied.
  @Override
  public @Nullable Long committedOffset(TopicPartition partition) {
    if (reset) {
      return null;
    }
    long next = shard.map(HostedShard::next).orElse(skippedTo);
    return next == 0 ? null : next - 1;
  }

  /// Durability is the shard's own affair; only "forget" is heard.
  @Override
  public void commit(Map<TopicPartition, Long> offsets) {
    // A shard that is opened again knows its position: that is where Streams shall go on.
    reset = offsets.isEmpty() && !isLost();
  }

  @Override
  public void close() {
    open = false;
    shard.ifPresent(registry::close);
    shard = Optional.empty();
  }

  @Override
  public boolean isOpen() {
    return open;
  }
}
