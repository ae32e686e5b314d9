package io.tidemark.server.node;

import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.log.StreamPartition;
import io.tidemark.server.streams.ShardOpener;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardLog;
import io.tidemark.shard.ShardSpec;
import io.tidemark.shard.ShardStorage;
import java.io.IOException;

/// Opens the shards of declared streams.
final class DeclaredShards implements ShardOpener {
  private final Catalog catalog;
  private final Storage storage;

  DeclaredShards(Catalog catalog, Storage storage) {
    this.catalog = catalog;
    this.storage = storage;
  }

  @Override
  public Shard open(String name, int partition, ShardLog log, boolean thorough) throws IOException {
    StreamSpec stream = catalog.stream(name).orElseThrow();
    ShardSpec spec =
        new ShardSpec(stream, catalog.viewsOf(stream), partition, ShardSpec.Limits.DEFAULT);
    ShardStorage files = storage.shard(new StreamPartition(name, partition));
    try {
      return Shard.open(spec, files, log, thorough);
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }
}
