/// Sorted stores in RocksDB: one database per shard folder, a column family per store.
///
/// Entries come in whole files that are built beside the database and taken over, so there is no
/// write-ahead log and hardly anything in write buffers; memory is shared by all databases of a
/// node.
@NullMarked
package io.tidemark.server.rocksdb;

import org.jspecify.annotations.NullMarked;
