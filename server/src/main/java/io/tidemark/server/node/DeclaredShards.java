package io.tidemark.server.node;

import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.log.StreamPartition;
import io.tidemark.server.streams.ShardOpener;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;
import io.tidemark.shard.ShardStorage;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the shards of declared streams.
final class DeclaredShards implements ShardOpener {
  private static final Logger LOG = LoggerFactory.getLogger(DeclaredShards.class);

  private final Catalog catalog;
  private final Storage storage;

  DeclaredShards(Catalog catalog, Storage storage) {
    this.catalog = catalog;
    this.storage = storage;
  }

  @Override
  public Shard open(String name, int partition) throws IOException {
    StreamSpec stream = catalog.stream(name).orElseThrow();
    ShardSpec spec =
        new ShardSpec(stream, catalog.viewsOf(stream), partition, ShardSpec.Limits.DEFAULT);
    ShardStorage files = storage.shard(new StreamPartition(name, partition));
    try {
      Shard shard = Shard.open(spec, files);
      shard.notes().forEach(LOG::warn);
      return shard;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }
}
