package io.tidemark.shard.sim;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.Hashing;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The log of a stream, and the clients that append to it: they send some events twice since an
/// acknowledgement was lost, and now and then somebody appends what is no event.
public final class SimTopic {
  private final SplittableRandom random;
  private final StreamSpec stream;
  private final RandomEvents events;
  private final List<ModelShard> models = new ArrayList<>();
  private final List<SimLog> logs = new ArrayList<>();

  /// When keys are erased; null where none ever is.
  private @Nullable SplittableRandom erasures;

  public SimTopic(SplittableRandom random, StreamSpec stream, RandomEvents events) {
    this.random = random;
    this.stream = stream;
    this.events = events;
    for (int p = 0; p < stream.partitions(); p++) {
      ModelShard model = new ModelShard(stream, p);
      models.add(model);
      logs.add(new SimLog(stream, events, model));
    }
  }

  /// What the partitions are supposed to be.
  public List<ModelShard> models() {
    return models;
  }

  public ModelShard model(int partition) {
    return models.get(partition);
  }

  public SimLog log(int partition) {
    return logs.get(partition);
  }

  /// The clients' time.
  public long nowMicros() {
    return events.nowMicros();
  }

  /// Appends events.
  ///
  /// @return the mark of their acknowledgement
  public Mark append(int count) {
    Map<StreamPartition, Long> next = new HashMap<>();
    if (erasures != null && erasures.nextInt(20) == 0) {
      eraseSome(erasures, next);
    }
    for (int i = 0; i < count; i++) {
      RandomEvents.Draft draft = events.next();
      int partition = partition(draft);
      SimLog log = logs.get(partition);
      if (random.nextInt(30) == 0) {
        log.appendMalformed(RandomEvents.malformed(random, draft.value()));
        continue;
      }
      int copies = random.nextInt(8) == 0 ? 2 + random.nextInt(2) : 1;
      for (int c = 0; c < copies; c++) {
        log.append(draft);
      }
      next.put(new StreamPartition(stream.name(), partition), log.next());
    }
    return new Mark(next);
  }

  private void eraseSome(SplittableRandom random, Map<StreamPartition, Long> next) {
    String key = String.valueOf(RandomEvents.key(random, stream.type()));
    // An empty key cannot be erased.
    if (!key.isEmpty()) {
      int partition = Hashing.partition(ModelShard.utf8(key), logs.size());
      logs.get(partition).appendErasure(key);
      next.put(new StreamPartition(stream.name(), partition), logs.get(partition).next());
    }
  }

  /// Some keys are erased, if any ever is.
  void eraseSome() {
    for (int keys = 0; erasures != null && keys < logs.size(); keys++) {
      eraseSome(erasures, new HashMap<>());
    }
  }

  /// From now on clients ask for keys to be erased, too.
  void erase(SplittableRandom chance) {
    erasures = chance;
  }

  /// What it has so far survives a failure of the power.
  void sync() {
    logs.forEach(SimLog::sync);
  }

  private int partition(RandomEvents.Draft draft) {
    String key = String.valueOf(draft.values()[RandomDeclarations.KEY]);
    return Hashing.partition(ModelShard.utf8(key), logs.size());
  }
}
