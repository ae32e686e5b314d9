package io.tidemark.server.node;

import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.log.StreamPartition;
import io.tidemark.server.registry.StreamSchemas;
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
  private final StreamSchemas schemas;

  DeclaredShards(Catalog catalog, Storage storage, StreamSchemas schemas) {
    this.catalog = catalog;
    this.storage = storage;
    this.schemas = schemas;
  }

  @Override
  public Shard open(String name, int partition, ShardLog log, boolean thorough) throws IOException {
    StreamSpec stream = catalog.stream(name).orElseThrow();
    ShardSpec spec =
        new ShardSpec(
            stream,
            catalog.viewsOf(stream),
            partition,
            ShardSpec.Limits.DEFAULT,
            schemas.shapes(stream));
    ShardStorage files = storage.shard(new StreamPartition(stream.dataName(), partition));
    try {
      return Shard.open(spec, files, log, thorough);
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }
}
